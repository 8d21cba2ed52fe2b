#include <csignal>
#include <cstddef>
#include <cstring>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/victims/attacks.h"

namespace victims {
namespace {

Outcome Unshare(int flags) { return Outcome::Of(unshare(flags)); }

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

}  // namespace

Outcome NewUserns(char* const*) { return Unshare(CLONE_NEWUSER); }

Outcome NewUsernsByClone(char* const*) {
  const long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (pid == 0) _exit(0);
  const Outcome outcome = Outcome::Of(pid);
  if (pid > 0) waitpid(static_cast<pid_t>(pid), nullptr, 0);
  return outcome;
}

// With a user namespace, without which only root may.
Outcome NewNetns(char* const*) {
  return unshare(CLONE_NEWNET) == 0 ? Outcome::Success() : Unshare(CLONE_NEWUSER | CLONE_NEWNET);
}

Outcome IoUring(char* const*) {
  io_uring_params params = {};
  return Outcome::Of(syscall(SYS_io_uring_setup, 1, &params));
}

// Foreign entries may kill.
Outcome Int80(char* const* args) { return InChild(CallInt80, args); }
Outcome X32(char* const* args) { return InChild(CallX32, args); }

Outcome Keyctl(char* const*) {
  constexpr long kGetKeyringId = 0;
  constexpr long kUserSessionKeyring = -5;
  return Outcome::Of(syscall(SYS_keyctl, kGetKeyringId, kUserSessionKeyring, 1L));
}

// In a child: the listener would hold up the calls of this process.
Outcome SecondListener(char* const* args) { return InChild(CallSecondListener, args); }

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

}  // namespace victims
