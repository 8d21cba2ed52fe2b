// attack NAME [ARG...]   Tries one thing that a sandbox must prevent.
//
// Prints "blocked ERRNO", "blocked SIGNAL", "succeeded" or "void ERRNO" (it could not be tried),
// and exits as outcome.h says. `attack --list` prints the names.

#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/victims/attacks.h"
#include "tests/victims/outcome.h"

namespace victims {
namespace {

struct Row {
  const char* name;
  Attack attack;
  int least;  // arguments
  int most;
  const char* arguments;
};

constexpr Row kRows[] = {
    {"read", Read, 1, 1, "PATH"},
    {"write", Write, 1, 1, "PATH"},
    {"chmod", Chmod, 1, 1, "PATH"},
    {"utimes", Utimes, 1, 1, "PATH"},
    {"setxattr", SetXattr, 1, 1, "PATH"},
    {"truncate", Truncate, 1, 1, "PATH"},
    {"unlink", Unlink, 1, 1, "PATH"},
    {"link", Link, 2, 2, "FROM TO"},
    {"rename", Rename, 2, 2, "FROM TO"},
    {"proc_root", ProcRoot, 1, 1, "PATH"},
    {"symlink_out", SymlinkOut, 1, 1, "PATH"},
    {"inherited_fd", InheritedFd, 1, 1, "NUMBER"},
    {"mount", Mount, 0, 0, ""},
    {"chroot", Chroot, 0, 0, ""},
    {"tcp", Tcp, 2, 2, "ADDRESS PORT"},
    {"udp", Udp, 2, 2, "ADDRESS PORT"},
    {"dns", Dns, 1, 2, "ADDRESS [PORT]"},
    {"mptcp", Mptcp, 0, 2, "[ADDRESS PORT]"},
    {"tcp_fastopen", TcpFastOpen, 2, 2, "ADDRESS PORT"},
    {"unix", Unix, 1, 1, "PATH"},
    {"unix_dgram", UnixDgram, 1, 1, "PATH"},
    {"unix_dgram_pair", UnixDgramPair, 1, 1, "PATH"},
    {"abstract", Abstract, 1, 1, "NAME"},
    {"vsock", Vsock, 0, 0, ""},
    {"netlink_diag", NetlinkDiag, 0, 0, ""},
    {"raw", Raw, 0, 0, ""},
    {"packet", Packet, 0, 0, ""},
    {"signal", Signal, 1, 2, "PID [SIGNAL]"},
    {"ptrace", Ptrace, 1, 1, "PID"},
    {"process_vm_readv", ProcessVmReadv, 1, 1, "PID"},
    {"proc_mem", ProcMem, 1, 1, "PID"},
    {"pidfd_getfd", PidfdGetfd, 1, 1, "PID"},
    {"prlimit", Prlimit, 1, 1, "PID"},
    {"setuid_exec", SetuidExec, 1, 1, "PROBE_STATE"},
    {"daemon", Daemon, 1, 1, "MARKFILE"},
    {"tiocsti", Tiocsti, 0, 0, ""},
    {"tiocsti_high", TiocstiHigh, 0, 0, ""},
    {"new_userns", NewUserns, 0, 0, ""},
    {"new_userns_clone", NewUsernsByClone, 0, 0, ""},
    {"new_netns", NewNetns, 0, 0, ""},
    {"io_uring", IoUring, 0, 0, ""},
    {"int80", Int80, 0, 0, ""},
    {"x32", X32, 0, 0, ""},
    {"keyctl", Keyctl, 0, 0, ""},
    {"second_listener", SecondListener, 0, 0, ""},
    {"bpf", Bpf, 0, 0, ""},
    {"perf_event", PerfEvent, 0, 0, ""},
};

int Report(Outcome outcome) {
  switch (outcome.kind) {
    case Outcome::kSuccess:
      puts("succeeded");
      return kSucceeded;
    case Outcome::kBlocked:
      printf("blocked %s\n", strerrorname_np(outcome.number));
      return 0;
    case Outcome::kKilled:
      printf("blocked SIG%s\n", sigabbrev_np(outcome.number));
      return 0;
    case Outcome::kVoid:
      printf("void %s\n", strerrorname_np(outcome.number));
      return kSetUpFailed;
  }
  return kSetUpFailed;
}

int Main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "--list") == 0) {
    for (const Row& row : kRows) printf("%s %s\n", row.name, row.arguments);
    return 0;
  }
  for (const Row& row : kRows) {
    if (argc < 2 || strcmp(argv[1], row.name) != 0) continue;
    const int count = argc - 2;
    if (count < row.least || count > row.most) {
      fprintf(stderr, "attack: usage: attack %s %s\n", row.name, row.arguments);
      return kUsage;
    }
    char* args[3] = {};
    for (int i = 0; i < count; ++i) args[i] = argv[2 + i];
    return Report(row.attack(args));
  }
  fputs("attack: usage: attack NAME [ARG...]; attack --list\n", stderr);
  return kUsage;
}

}  // namespace

Outcome InChild(Attack attack, char* const* args) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Outcome::Void(errno);
  const pid_t pid = fork();
  if (pid < 0) return Outcome::Void(errno);
  if (pid == 0) {
    const Outcome outcome = attack(args);
    _exit(write(ends[1], &outcome, sizeof(outcome)) == sizeof(outcome) ? 0 : kSetUpFailed);
  }
  close(ends[1]);
  Outcome outcome = Outcome::Void(EPIPE);
  const bool told = read(ends[0], &outcome, sizeof(outcome)) == sizeof(outcome);
  close(ends[0]);
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) return Outcome::Void(errno);
  if (WIFSIGNALED(status)) return Outcome::Killed(WTERMSIG(status));
  return told ? outcome : Outcome::Void(EPIPE);
}

}  // namespace victims

int main(int argc, char** argv) { return victims::Main(argc, argv); }
