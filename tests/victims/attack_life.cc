// More rights than the starter's, and a life after it: set-user-ID programs, daemons, terminals.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sched.h>
#include <sstream>
#include <string>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/victims/attacks.h"

namespace victims {
namespace {

// Writes on for two minutes at most, so that a failed test leaves nothing for ever.
[[noreturn]] void WriteOn(const char* path, int ready) {
  signal(SIGHUP, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, 0);
  for (int fd = 0; fd < 3; ++fd) close(fd);
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

Outcome WaitReady(const int ends[2]) {
  close(ends[1]);
  char byte;
  return read(ends[0], &byte, 1) == 1 ? Outcome::Success() : Outcome::Void(EPIPE);
}

// Succeeds once the daemon has written, which goes on after the victim. Whether that is so is for
// the test to see; its command line is this program's, so that the test finds it by the path.
Outcome Daemon(char* const* args) {
  int ends[2];
  if (pipe(ends) != 0) return Outcome::Void(errno);
  const pid_t pid = fork();
  if (pid < 0) return Outcome::Void(errno);
  if (pid == 0) {
    close(ends[0]);
    if (setsid() < 0) _exit(kSetUpFailed);
    const pid_t daemon = fork();
    if (daemon != 0) _exit(daemon < 0 ? kSetUpFailed : 0);
    WriteOn(args[0], ends[1]);
  }
  const Outcome outcome = WaitReady(ends);
  waitpid(pid, nullptr, 0);
  return outcome;
}

// As a child of our parent, whom nobody asked, and out of sight of its waits.
Outcome DaemonSibling(char* const* args) {
  int ends[2];
  if (pipe(ends) != 0) return Outcome::Void(errno);
  const long pid = syscall(SYS_clone, CLONE_PARENT | CLONE_UNTRACED, nullptr, nullptr, nullptr, 0);
  if (pid < 0) return Outcome::Blocked(errno);
  if (pid == 0) {
    close(ends[0]);
    setsid();
    WriteOn(args[0], ends[1]);
  }
  return WaitReady(ends);
}

// Makes its parent its tracer, which may take the first signal for its own end, and goes on alone.
Outcome DaemonTraced(char* const* args) {
  prctl(PR_SET_PDEATHSIG, 0);
  setsid();
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) return Outcome::Blocked(errno);
  for (int fd = 0; fd < 3; ++fd) close(fd);
  raise(SIGUSR1);
  signal(SIGUSR1, SIG_IGN);
  WriteOn(args[0], -1);
}

// Runs a set-user-ID copy of probe_state, owned by another user, and sees as whom it runs.
Outcome SetuidExec(char* const* args) {
  int ends[2];
  if (pipe(ends) != 0) return Outcome::Void(errno);
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

// The effective user of `pid` when it sleeps and is no longer this program, else -1.
long SleepingUser(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  std::string state;
  bool same_name = true;
  long user = -1;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string key;
    std::string value;
    words >> key >> value;
    if (key == "Name:") same_name = value == "attack";
    if (key == "State:") state = value;
    if (key == "Uid:") words >> user;
  }
  return state == "S" && !same_name ? user : -1;
}

// A set-user-ID program of the system, held up at its first output, and seen from outside.
Outcome SetuidProgram(char* const* args) {
  int ends[2];
  if (pipe2(ends, O_NONBLOCK) != 0) return Outcome::Void(errno);
  while (write(ends[1], "x", 1) == 1) continue;
  fcntl(ends[1], F_SETFL, 0);
  const pid_t pid = fork();
  if (pid < 0) return Outcome::Void(errno);
  if (pid == 0) {
    dup2(ends[1], 1);
    dup2(ends[1], 2);
    char help[] = "--help";
    char* const argv[] = {args[0], help, nullptr};
    execv(args[0], argv);
    _exit(errno);
  }
  Outcome outcome = Outcome::Void(ESRCH);
  for (int asleep = 0, tries = 0; asleep < 50 && tries < 3000; ++tries) {
    const long user = SleepingUser(pid);
    if (user >= 0 && user != static_cast<long>(geteuid())) {
      outcome = Outcome::Success();
      break;
    }
    if (user >= 0) ++asleep;  // not before it has been seen often: it may be on its way
    if (asleep == 50) outcome = Outcome::Blocked(EPERM);
    usleep(10000);
  }
  close(ends[0]);  // it ends, whoever it is
  kill(pid, SIGKILL);
  close(ends[1]);
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) return Outcome::Void(errno);
  return outcome;
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

// Another way to read what comes from the terminal; the usual one, so that nothing changes.
Outcome LineDiscipline(char* const*) {
  const int usual = 0;
  return Outcome::Of(ioctl(0, TIOCSETD, &usual));
}

constexpr Row kRows[] = {
    {"daemon", Daemon, 1, 1, "MARKFILE"},
    {"daemon_sibling", DaemonSibling, 1, 1, "MARKFILE"},
    {"daemon_traced", DaemonTraced, 1, 1, "MARKFILE"},
    {"setuid_exec", SetuidExec, 1, 1, "PROBE_STATE"},
    {"setuid_program", SetuidProgram, 1, 1, "PROGRAM"},
    {"tiocsti", Tiocsti, 0, 0, ""},
    {"tiocsti_high", TiocstiHigh, 0, 0, ""},
    {"line_discipline", LineDiscipline, 0, 0, ""},
};

}  // namespace

Table LifeAttacks() { return kRows; }

}  // namespace victims
