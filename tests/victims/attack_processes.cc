#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/victims/attacks.h"

namespace victims {
namespace {

pid_t Pid(const char* text) { return static_cast<pid_t>(atoi(text)); }

// Writes on for two minutes at most, so that a failed test leaves nothing for ever.
[[noreturn]] void WriteOn(const char* path, int ready) {
  for (int i = 0; i < 6000; ++i) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0) {
      if (write(fd, ".", 1) == 1 && ready >= 0) {
        if (write(ready, "x", 1) != 1) _exit(kSetUpFailed);
        close(ready);
        ready = -1;
      }
      close(fd);
    }
    usleep(20000);
  }
  _exit(0);
}

}  // namespace

// The signal 0 tests the permission and does no harm.
Outcome Signal(char* const* args) {
  return Outcome::Of(kill(Pid(args[0]), args[1] == nullptr ? 0 : atoi(args[1])));
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

Outcome ProcMem(char* const* args) {
  const std::string path = "/proc/" + std::string(args[0]) + "/mem";
  return Outcome::Of(open(path.c_str(), O_RDWR | O_CLOEXEC));
}

// Descriptors 0 to 2 of the process, whichever is open.
Outcome PidfdGetfd(char* const* args) {
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, Pid(args[0]), 0));
  if (pidfd < 0) return Outcome::Blocked(errno);
  Outcome outcome = Outcome::Void(EBADF);
  for (int fd = 0; fd < 3; ++fd) {
    outcome = Outcome::Of(syscall(SYS_pidfd_getfd, pidfd, fd, 0));
    if (outcome.kind == Outcome::kSuccess) break;
  }
  return outcome;
}

// Sets a limit of the process to what it is.
Outcome Prlimit(char* const* args) {
  rlimit limit = {};
  if (prlimit(Pid(args[0]), RLIMIT_CORE, nullptr, &limit) != 0) return Outcome::Blocked(errno);
  return Outcome::Of(prlimit(Pid(args[0]), RLIMIT_CORE, &limit, nullptr));
}

// Runs a set-user-ID copy of probe_state, owned by another user, and sees as whom it runs.
Outcome SetuidExec(char* const* args) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Outcome::Void(errno);
  const pid_t pid = fork();
  if (pid < 0) return Outcome::Void(errno);
  if (pid == 0) {
    dup2(ends[1], 1);
    char* const argv[] = {args[0], nullptr};
    execv(args[0], argv);
    _exit(errno);
  }
  close(ends[1]);
  std::string output;
  char buffer[4096];
  for (ssize_t size; (size = read(ends[0], buffer, sizeof(buffer))) > 0;) {
    output.append(buffer, static_cast<size_t>(size));
  }
  int status = 0;
  waitpid(pid, &status, 0);
  const size_t at = output.find("euid=");
  if (at == std::string::npos) return Outcome::Blocked(WEXITSTATUS(status));
  const bool changed = strtoul(output.c_str() + at + 5, nullptr, 10) != geteuid();
  return changed ? Outcome::Success() : Outcome::Blocked(EPERM);
}

// Succeeds once the daemon has written, which goes on after the victim. Whether that is so is for
// the test to see; its command line is this program's, so that the test finds it by the path.
Outcome Daemon(char* const* args) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Outcome::Void(errno);
  const pid_t pid = fork();
  if (pid < 0) return Outcome::Void(errno);
  if (pid == 0) {
    close(ends[0]);
    if (setsid() < 0) _exit(kSetUpFailed);
    const pid_t daemon = fork();
    if (daemon != 0) _exit(daemon < 0 ? kSetUpFailed : 0);
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, 0);
    for (int fd = 0; fd < 3; ++fd) close(fd);
    WriteOn(args[0], ends[1]);
  }
  close(ends[1]);
  char byte;
  const ssize_t size = read(ends[0], &byte, 1);
  waitpid(pid, nullptr, 0);
  return size == 1 ? Outcome::Success() : Outcome::Void(EPIPE);
}

// A character as if typed at the terminal that is standard input.
Outcome Tiocsti(char* const*) {
  if (isatty(0) == 0) return Outcome::Void(errno);
  return Outcome::Of(ioctl(0, TIOCSTI, "\n"));
}

// The same with a bit that the kernel does not look at: filters that compare 64 bits miss it.
Outcome TiocstiHigh(char* const*) {
  if (isatty(0) == 0) return Outcome::Void(errno);
  return Outcome::Of(syscall(SYS_ioctl, 0L, (1L << 32) | TIOCSTI, "\n"));
}

}  // namespace victims
