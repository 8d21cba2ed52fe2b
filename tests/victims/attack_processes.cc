// Other processes: signals to them, and what is in them.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/victims/attacks.h"

namespace victims {
namespace {

constexpr int kKcmpFile = 0;

pid_t Pid(const char* text) { return static_cast<pid_t>(atoi(text)); }
int Number(const char* text) { return text == nullptr ? 0 : atoi(text); }
int OpenPidfd(const char* pid) { return static_cast<int>(syscall(SYS_pidfd_open, Pid(pid), 0)); }

// The signal 0 tests the permission and does no harm.
Outcome Signal(char* const* args) { return Outcome::Of(kill(Pid(args[0]), Number(args[1]))); }

Outcome SignalThread(char* const* args) {
  return Outcome::Of(syscall(SYS_tgkill, Pid(args[0]), Pid(args[0]), Number(args[1])));
}

Outcome SignalQueued(char* const* args) {
  return Outcome::Of(sigqueue(Pid(args[0]), Number(args[1]), {}));
}

Outcome SignalPidfd(char* const* args) {
  const int pidfd = OpenPidfd(args[0]);
  if (pidfd < 0) return Outcome::Blocked(errno);
  return Outcome::Of(syscall(SYS_pidfd_send_signal, pidfd, Number(args[1]), nullptr, 0));
}

// The whole process group, which is the job of whoever started us. Who was reached is for the test
// to see: this process is, in any case.
Outcome SignalGroup(char* const* args) {
  signal(Number(args[0]), SIG_IGN);
  return Outcome::Of(kill(0, Number(args[0])));
}

// By the kernel, when a pipe can be read. Whether it came is for the test to see.
Outcome SignalByOwner(char* const* args) {
  int ends[2];
  if (pipe(ends) != 0) return Outcome::Void(errno);
  if (fcntl(ends[0], F_SETOWN, Pid(args[0])) != 0) return Outcome::Blocked(errno);
  if (fcntl(ends[0], F_SETSIG, Number(args[1])) != 0) return Outcome::Blocked(errno);
  if (fcntl(ends[0], F_SETFL, O_ASYNC) != 0) return Outcome::Blocked(errno);
  return Outcome::Of(write(ends[1], "x", 1));
}

// Detaches when the victim ends.
Outcome Ptrace(char* const* args) {
  return Outcome::Of(ptrace(PTRACE_SEIZE, Pid(args[0]), nullptr, nullptr));
}

// The permission is checked before the address: EFAULT is a success.
Outcome ProcessVmReadv(char* const* args) {
  char byte;
  const iovec local = {.iov_base = &byte, .iov_len = 1};
  const iovec remote = {.iov_base = nullptr, .iov_len = 1};
  if (process_vm_readv(Pid(args[0]), &local, 1, &remote, 1, 0) >= 0 || errno == EFAULT) {
    return Outcome::Success();
  }
  return Outcome::Blocked(errno);
}

Outcome ProcessVmWritev(char* const* args) {
  char byte = 0;
  const iovec local = {.iov_base = &byte, .iov_len = 1};
  const iovec remote = {.iov_base = nullptr, .iov_len = 1};
  if (process_vm_writev(Pid(args[0]), &local, 1, &remote, 1, 0) >= 0 || errno == EFAULT) {
    return Outcome::Success();
  }
  return Outcome::Blocked(errno);
}

Outcome ProcessMadvise(char* const* args) {
  const int pidfd = OpenPidfd(args[0]);
  if (pidfd < 0) return Outcome::Blocked(errno);
  iovec none = {.iov_base = nullptr, .iov_len = 0};
  return Outcome::Of(syscall(SYS_process_madvise, pidfd, &none, 1, 20 /* MADV_COLD */, 0));
}

Outcome ProcMem(char* const* args) {
  const std::string path = "/proc/" + std::string(args[0]) + "/mem";
  return Outcome::Of(open(path.c_str(), O_RDWR | O_CLOEXEC));
}

Outcome ReadProc(char* const* args) {
  const std::string path = "/proc/" + std::string(args[0]) + "/" + args[1];
  char buffer[256];
  const ssize_t link = readlink(path.c_str(), buffer, sizeof(buffer));
  if (link > 0) return Outcome::Success();
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  return fd < 0 ? Outcome::Blocked(errno) : Outcome::Of(read(fd, buffer, sizeof(buffer)));
}

// Descriptors 0 to 2 of the process, whichever is open.
Outcome PidfdGetfd(char* const* args) {
  const int pidfd = OpenPidfd(args[0]);
  if (pidfd < 0) return Outcome::Blocked(errno);
  Outcome outcome = Outcome::Void(EBADF);
  for (int fd = 0; fd < 3; ++fd) {
    outcome = Outcome::Of(syscall(SYS_pidfd_getfd, pidfd, fd, 0));
    if (outcome.kind == Outcome::kSuccess) break;
  }
  return outcome;
}

Outcome Kcmp(char* const* args) {
  return Outcome::Of(syscall(SYS_kcmp, getpid(), Pid(args[0]), kKcmpFile, 0, 0));
}

Outcome RobustList(char* const* args) {
  void* head = nullptr;
  size_t size = 0;
  return Outcome::Of(syscall(SYS_get_robust_list, Pid(args[0]), &head, &size));
}

// Where its pages are; the permission is asked first.
Outcome MovePages(char* const* args) {
  void* pages[1] = {nullptr};
  int status[1] = {};
  return Outcome::Of(syscall(SYS_move_pages, Pid(args[0]), 1UL, pages, nullptr, status, 0));
}

// Any process at all but this one: the memory and the descriptors of whoever is in sight.
Outcome Neighbours(char* const*) {
  DIR* const proc = opendir("/proc");
  if (proc == nullptr) return Outcome::Void(errno);
  Outcome outcome = Outcome::Blocked(ESRCH);
  while (const dirent* entry = readdir(proc)) {
    const pid_t pid = Pid(entry->d_name);
    if (pid <= 0 || pid == getpid()) continue;
    char name[16];
    snprintf(name, sizeof(name), "%d", pid);
    char* const args[] = {name, nullptr};
    for (const Attack attack : {ProcessVmReadv, ProcMem, PidfdGetfd}) {
      outcome = attack(args);
      if (outcome.kind != Outcome::kBlocked) break;
    }
    if (outcome.kind == Outcome::kSuccess) break;
  }
  closedir(proc);
  return outcome;
}

constexpr Row kRows[] = {
    {"signal", Signal, 1, 2, "PID [SIGNAL]"},
    {"signal_thread", SignalThread, 1, 2, "PID [SIGNAL]"},
    {"signal_queued", SignalQueued, 1, 2, "PID [SIGNAL]"},
    {"signal_pidfd", SignalPidfd, 1, 2, "PID [SIGNAL]"},
    {"signal_group", SignalGroup, 1, 1, "SIGNAL"},
    {"signal_by_owner", SignalByOwner, 2, 2, "PID SIGNAL"},
    {"ptrace", Ptrace, 1, 1, "PID"},
    {"process_vm_readv", ProcessVmReadv, 1, 1, "PID"},
    {"process_vm_writev", ProcessVmWritev, 1, 1, "PID"},
    {"process_madvise", ProcessMadvise, 1, 1, "PID"},
    {"proc_mem", ProcMem, 1, 1, "PID"},
    {"read_proc", ReadProc, 2, 2, "PID NAME"},
    {"pidfd_getfd", PidfdGetfd, 1, 1, "PID"},
    {"kcmp", Kcmp, 1, 1, "PID"},
    {"robust_list", RobustList, 1, 1, "PID"},
    {"neighbours", Neighbours, 0, 0, ""},
    {"move_pages", MovePages, 1, 1, "PID"},
};

}  // namespace

Table ProcessAttacks() { return kRows; }

}  // namespace victims
