// die_of SIGNAL   Ends by SIGNAL's default action, without a core file. With a signal whose default
// action is not to end: stops (and exits 0 after SIGCONT), or exits 0.

#include <csignal>
#include <cstdlib>
#include <sys/resource.h>

#include "tests/victims/outcome.h"

int main(int argc, char** argv) {
  if (argc != 2) return victims::kUsage;
  const int number = atoi(argv[1]);
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  signal(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
  return raise(number) == 0 ? 0 : victims::kSetUpFailed;
}
