// Runs a command in the sandbox that a plan describes.

#ifndef LIB_REALISE_RUN_H_
#define LIB_REALISE_RUN_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/proc/wait_status.h"
#include "lib/realise/engaged.h"
#include "lib/realise/plan.h"

namespace sandbox::realise {

// How it ended.
struct Outcome {
  proc::WaitStatus status;
  int exec_errno = 0;  // not 0: no program was run, for this reason
  bool timed_out = false;  // it was told to end, and `status` is 124
};

// Called once, when everything is engaged and before the command runs, in the process of the caller.
using OnEngaged = std::function<void(const Plan&, const Engaged&)>;

// Makes the sandbox, runs the command in it as a grandchild line of the caller, which becomes its
// keeper for good: no_new_privs, no capabilities, /dev/null on its stdin and stdout. Returns when
// the command has ended and nothing of the sandbox is left.
//
// Preconditions: single-threaded; all signals blocked since the start (proc::TakeOverSignals).
// Errors: the sandbox could not be set up and nothing was run; the message says which step.
// Linux 5.12 or newer (mount_setattr), with unprivileged user namespaces or root for `strict`.
absl::StatusOr<Outcome> Run(Plan plan, const OnEngaged& on_engaged);

// Whether Run() would have a process to keep: something to watch, or namespaces. Otherwise
// RunInPlace() does.
bool NeedsKeeper(const Plan& plan);

// Confines the calling process and becomes the command. Returns only when that failed: the error,
// or the errno of the exec as Outcome. A plan for which NeedsKeeper() holds is refused.
absl::StatusOr<Outcome> RunInPlace(const Plan& plan, const OnEngaged& on_engaged);

}  // namespace sandbox::realise

#endif  // LIB_REALISE_RUN_H_
