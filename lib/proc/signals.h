// Signal masks and dispositions, taken at start and given back, and the ways a keeper ends or
// stops as its child did.

#ifndef LIB_PROC_SIGNALS_H_
#define LIB_PROC_SIGNALS_H_

#include <csignal>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/fd/unique_fd.h"
#include "lib/proc/wait_status.h"

namespace sandbox::proc {

// Sets of signals as bit masks: bit n-1 is signal n, 1 to 64.
struct SignalState {
  uint64_t blocked = 0;
  uint64_t ignored = 0;
};

// Blocks every signal but SIGPIPE, which becomes ignored, sets the others that are ignored to their
// default, and returns what was there before. A tool does this first of all; no handler is ever
// installed.
SignalState TakeOverSignals();

// Sets mask and dispositions to `state`; everything that it does not ignore becomes default.
void RestoreSignals(const SignalState& state);

// A signalfd(2) of every signal, non-blocking and close-on-exec. All of them must be blocked.
absl::StatusOr<UniqueFd> MakeSignalFd();

// Ends the calling process as `status` says: the same exit code, or death of the same signal
// without a core of our own. A signal that cannot kill (the process is pid 1 of its namespace)
// becomes exit code 128 + signal.
[[noreturn]] void EndAs(WaitStatus status);

// Stops the calling process with `signal` (SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU) and returns
// when it is continued.
void StopAs(int signal);

}  // namespace sandbox::proc

#endif  // LIB_PROC_SIGNALS_H_
