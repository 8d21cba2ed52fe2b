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

constexpr Table (*kTables[])() = {FileAttacks,    EntryAttacks, MetadataAttacks, NetAttacks,
                                  UnixAttacks,    ProcessAttacks, PriorityAttacks, LifeAttacks,
                                  IpcAttacks,     NamespaceAttacks, KernelAttacks};

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

int List() {
  for (const auto table : kTables) {
    for (const Row& row : table()) printf("%s %s\n", row.name, row.arguments);
  }
  return 0;
}

int Try(const Row& row, int count, char** words) {
  if (count < row.least || count > row.most) {
    fprintf(stderr, "attack: usage: attack %s %s\n", row.name, row.arguments);
    return kUsage;
  }
  char* args[kMostArguments + 1] = {};
  for (int i = 0; i < count; ++i) args[i] = words[i];
  return Report(row.attack(args));
}

int Main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "--list") == 0) return List();
  for (const auto table : kTables) {
    for (const Row& row : table()) {
      if (argc >= 2 && strcmp(argv[1], row.name) == 0) return Try(row, argc - 2, argv + 2);
    }
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
