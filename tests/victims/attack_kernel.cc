// Large and old doors of the kernel, and side entries to it.

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tests/victims/attacks.h"

namespace victims {
namespace {

// Any call with numbers for arguments.
Outcome Call(char* const* args) {
  long values[7] = {};
  for (int i = 0; i < 7 && args[i] != nullptr; ++i) {
    values[i] = static_cast<long>(strtoull(args[i], nullptr, 0));
  }
  return Outcome::Of(
      syscall(values[0], values[1], values[2], values[3], values[4], values[5], values[6]));
}

Outcome CallInt80(char* const*) {
#if defined(__x86_64__)
  constexpr long kGetpid32 = 20;
  long result = kGetpid32;
  __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
  return result > 0 ? Outcome::Success() : Outcome::Blocked(static_cast<int>(-result));
#else
  return Outcome::Void(ENOSYS);
#endif
}

Outcome CallX32(char* const*) { return Outcome::Of(syscall(0x40000000L | SYS_getpid)); }

Outcome CallSecondListener(char* const*) {
  sock_filter program[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog filter = {.len = 1, .filter = program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Outcome::Void(errno);
  return Outcome::Of(
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter));
}

// Foreign entries may kill.
Outcome Int80(char* const* args) { return InChild(CallInt80, args); }
Outcome X32(char* const* args) { return InChild(CallX32, args); }

// In a child: the listener would hold up the calls of this process.
Outcome SecondListener(char* const* args) { return InChild(CallSecondListener, args); }

Outcome IoUring(char* const*) {
  io_uring_params params = {};
  return Outcome::Of(syscall(SYS_io_uring_setup, 1, &params));
}

Outcome Keyctl(char* const*) {
  constexpr long kGetKeyringId = 0;
  constexpr long kUserSessionKeyring = -5;
  return Outcome::Of(syscall(SYS_keyctl, kGetKeyringId, kUserSessionKeyring, 1L));
}

// Into the process's own keyring, which ends with it.
Outcome AddKey(char* const*) {
  constexpr long kProcessKeyring = -2;
  return Outcome::Of(syscall(SYS_add_key, "user", "attack", "x", 1UL, kProcessKeyring));
}

Outcome Bpf(char* const*) {
  bpf_attr attributes;
  memset(&attributes, 0, sizeof(attributes));
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = 4;
  attributes.value_size = 4;
  attributes.max_entries = 1;
  return Outcome::Of(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes)));
}

Outcome PerfEvent(char* const*) {
  perf_event_attr attributes;
  memset(&attributes, 0, sizeof(attributes));
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.size = sizeof(attributes);
  attributes.config = PERF_COUNT_SW_TASK_CLOCK;
  attributes.exclude_kernel = 1;
  return Outcome::Of(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}

Outcome UserFaultFd(char* const*) {
  return Outcome::Of(syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY));
}

// The name that it has.
Outcome SetHostname(char* const*) {
  utsname names = {};
  if (uname(&names) != 0) return Outcome::Void(errno);
  return Outcome::Of(sethostname(names.nodename, strlen(names.nodename)));
}

// No module at all: whoever may load one is told that it is none.
Outcome LoadModule(char* const*) {
  const long result = syscall(SYS_init_module, "", 0UL, "");
  return result != 0 && errno == ENOEXEC ? Outcome::Success() : Outcome::Of(result);
}

Outcome ModifyLdt(char* const*) {
  char table[16];
  return Outcome::Of(syscall(SYS_modify_ldt, 0, table, sizeof(table)));
}

Outcome FanotifyInit(char* const*) {
  constexpr long kReportFid = 0x200;
  return Outcome::Of(syscall(SYS_fanotify_init, kReportFid, 0));
}

Outcome KernelLog(char* const*) {
  constexpr long kReadAll = 3;
  char text[64];
  return Outcome::Of(syscall(SYS_syslog, kReadAll, text, sizeof(text)));
}

constexpr Row kRows[] = {
    {"call", Call, 1, 7, "NUMBER [ARG]..."},
    {"int80", Int80, 0, 0, ""},
    {"x32", X32, 0, 0, ""},
    {"second_listener", SecondListener, 0, 0, ""},
    {"io_uring", IoUring, 0, 0, ""},
    {"keyctl", Keyctl, 0, 0, ""},
    {"add_key", AddKey, 0, 0, ""},
    {"bpf", Bpf, 0, 0, ""},
    {"perf_event", PerfEvent, 0, 0, ""},
    {"userfaultfd", UserFaultFd, 0, 0, ""},
    {"sethostname", SetHostname, 0, 0, ""},
    {"load_module", LoadModule, 0, 0, ""},
    {"modify_ldt", ModifyLdt, 0, 0, ""},
    {"fanotify_init", FanotifyInit, 0, 0, ""},
    {"kernel_log", KernelLog, 0, 0, ""},
};

}  // namespace

Table KernelAttacks() { return kRows; }

}  // namespace victims
