#include "lib/proc/signals.h"

#include <cerrno>
#include <initializer_list>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/base/status.h"

namespace sandbox::proc {
namespace {

constexpr int kLastSignal = 64;

uint64_t Bit(int signal) { return uint64_t{1} << (signal - 1); }

void SetDisposition(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigaction(signal, &action, nullptr);  // fails for KILL, STOP and glibc's own two: as wanted
}

void SetMask(uint64_t blocked) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal = 1; signal <= kLastSignal; ++signal) {
    if ((blocked & Bit(signal)) != 0) sigaddset(&set, signal);
  }
  sigprocmask(SIG_SETMASK, &set, nullptr);
}

}  // namespace

SignalState TakeOverSignals() {
  SignalState state;
  sigset_t all;
  sigset_t old;
  sigfillset(&all);
  sigdelset(&all, SIGPIPE);  // blocked, it would wait for the command even though it is ignored
  sigprocmask(SIG_SETMASK, &all, &old);
  for (int signal = 1; signal <= kLastSignal; ++signal) {
    if (sigismember(&old, signal) == 1) state.blocked |= Bit(signal);
    struct sigaction action = {};
    if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) {
      state.ignored |= Bit(signal);
    }
  }
  // An ignored signal is dropped even when blocked, so those that keepers wait for become default.
  for (int signal = 1; signal <= kLastSignal; ++signal) {
    if ((state.ignored & Bit(signal)) != 0) SetDisposition(signal, SIG_DFL);
  }
  SetDisposition(SIGPIPE, SIG_IGN);
  return state;
}

void RestoreSignals(const SignalState& state) {
  for (int signal = 1; signal <= kLastSignal; ++signal) {
    SetDisposition(signal, (state.ignored & Bit(signal)) != 0 ? SIG_IGN : SIG_DFL);
  }
  SetMask(state.blocked);
}

absl::StatusOr<UniqueFd> MakeSignalFd() {
  sigset_t all;
  sigfillset(&all);
  UniqueFd fd(signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.ok()) return ErrnoError(errno, "signalfd");
  return fd;
}

void EndAs(WaitStatus status) {
  if (status.exited()) _exit(status.exit_code());
  const int signal = status.term_signal();
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  SetDisposition(signal, SIG_DFL);
  SetMask(~Bit(signal));
  kill(getpid(), signal);
  _exit(128 + signal);
}

void StopAs(int signal) {
  SetDisposition(signal, SIG_DFL);
  // Pending first, then let through: the process stops inside this call.
  kill(getpid(), signal);
  SetMask(~(Bit(signal) | Bit(SIGPIPE)));
  SetMask(~Bit(SIGPIPE));
}

}  // namespace sandbox::proc
