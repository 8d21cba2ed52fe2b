#include "lib/proc/children.h"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include "gtest/gtest.h"
#include "lib/proc/signals.h"
#include "lib/proc/wait_status.h"
#include "lib/sys/process.h"

namespace sandbox::proc {
namespace {

WaitStatus Wait(pid_t pid) {
  int raw = 0;
  EXPECT_EQ(waitpid(pid, &raw, 0), pid);
  return WaitStatus(raw);
}

TEST(KillAllChildren, EndsOrphansOfOrphansToo) {
  const pid_t child = fork();
  if (child == 0) {
    if (!sys::SetChildSubreaper().ok()) _exit(62);
    for (int i = 0; i < 3; ++i) {
      if (fork() == 0) {
        if (fork() == 0) {
          setsid();
          if (fork() == 0) pause();
          pause();
        }
        _exit(0);  // leaves an orphan
      }
    }
    if (fork() == 0) raise(SIGSTOP);
    KillAllChildren();
    _exit(waitpid(-1, nullptr, 0) == -1 ? 0 : 1);
  }
  EXPECT_TRUE(Wait(child).ok());
}

TEST(EndAs, MirrorsCodesAndSignals) {
  for (int code : {0, 1, 7, 125, 255}) {
    const pid_t child = fork();
    if (child == 0) EndAs(WaitStatus::Exited(code));
    EXPECT_EQ(Wait(child).exit_code(), code);
  }
  for (int signal : {SIGTERM, SIGKILL, SIGINT, SIGQUIT, SIGSEGV, SIGUSR1, SIGPIPE, 40, 64}) {
    const pid_t child = fork();
    if (child == 0) {
      TakeOverSignals();
      EndAs(WaitStatus(signal));
    }
    const WaitStatus status = Wait(child);
    EXPECT_TRUE(status.signaled()) << signal;
    EXPECT_EQ(status.term_signal(), signal);
    EXPECT_FALSE(WCOREDUMP(status.raw()));
  }
}

TEST(StopAs, StopsWithTheSameSignalAndGoesOn) {
  const pid_t child = fork();
  if (child == 0) {
    TakeOverSignals();
    StopAs(SIGSTOP);
    _exit(5);
  }
  int raw = 0;
  ASSERT_EQ(waitpid(child, &raw, WUNTRACED), child);
  EXPECT_TRUE(WaitStatus(raw).stopped());
  EXPECT_EQ(WaitStatus(raw).stop_signal(), SIGSTOP);
  kill(child, SIGCONT);
  EXPECT_EQ(Wait(child).exit_code(), 5);
}

TEST(TakeOverSignals, ReportsAndRestoresWhatWasThere) {
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGHUP, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_SETMASK, &set, nullptr);
    const SignalState state = TakeOverSignals();
    if (state.blocked != uint64_t{1} << (SIGUSR2 - 1)) _exit(1);
    if ((state.ignored & uint64_t{1} << (SIGHUP - 1)) == 0) _exit(2);
    struct sigaction action = {};
    sigaction(SIGCHLD, nullptr, &action);
    if (action.sa_handler != SIG_DFL) _exit(3);
    RestoreSignals(state);
    sigaction(SIGCHLD, nullptr, &action);
    if (action.sa_handler != SIG_IGN) _exit(4);
    sigset_t now;
    sigprocmask(SIG_SETMASK, nullptr, &now);
    _exit(sigismember(&now, SIGUSR2) == 1 && sigismember(&now, SIGTERM) == 0 ? 0 : 5);
  }
  EXPECT_EQ(Wait(child).exit_code(), 0);
}

TEST(DieWithParent, RefusesAParentThatIsGone) {
  const pid_t child = fork();
  if (child == 0) _exit(DieWithParent(getppid() + 1).ok() ? 1 : 0);
  EXPECT_TRUE(Wait(child).ok());
}

}  // namespace
}  // namespace sandbox::proc
