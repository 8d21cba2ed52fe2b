// signal_counter SIGNAL...   Counts signals until it is told to stop.
//
// Prints "ready", then a line with the number of each of these signals as it comes. On end of file
// at descriptor 0, or when that is closed, it prints "total N" and exits with N, the count of all.
// Two of a kind that are pending at one time are one, as always.

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tests/victims/outcome.h"

int main(int argc, char** argv) {
  if (argc < 2) return victims::kUsage;
  sigset_t set;
  sigemptyset(&set);
  for (int i = 1; i < argc; ++i) sigaddset(&set, atoi(argv[i]));
  sigprocmask(SIG_BLOCK, &set, nullptr);
  const int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) return victims::kSetUpFailed;
  setvbuf(stdout, nullptr, _IOLBF, 0);
  puts("ready");
  int count = 0;
  for (bool open = true; open;) {
    pollfd polled[] = {{signals, POLLIN, 0}, {0, POLLIN, 0}};
    if (poll(polled, 2, -1) < 0 && errno != EINTR) return victims::kSetUpFailed;
    if (polled[1].revents != 0) {
      char byte;
      open = read(0, &byte, 1) > 0;
    }
    signalfd_siginfo info;
    while (read(signals, &info, sizeof(info)) == sizeof(info)) {
      ++count;
      printf("%u\n", info.ssi_signo);
    }
  }
  printf("total %d\n", count);
  return count;
}
