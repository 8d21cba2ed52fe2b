// The last step: the process that confines itself and becomes the command.

#ifndef LIB_REALISE_COMMAND_H_
#define LIB_REALISE_COMMAND_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/fd/unique_fd.h"
#include "lib/realise/engaged.h"
#include "lib/realise/plan.h"
#include "lib/realise/set_up.h"

namespace sandbox::realise {

// Takes every right that the plan does not give, in the order that the kernel wants: Landlock while
// paths can still be opened, capabilities, then the filters, which may refuse the calls before
// them. Returns the listener of the last filter, or none when nobody is told of calls.
// Notes in `engaged` what the kernel says is in force.
absl::StatusOr<UniqueFd> Confine(const Plan& plan, Engaged* engaged);

// Replaces the calling process by the command: signals and stdio as the plan says, no other
// descriptor open, the user's filter on. Returns the errno of the exec that failed, or why it was
// not tried.
absl::StatusOr<int> ExecCommand(const Plan& plan);

// 127 when no program was found, 126 when it cannot be run (POSIX).
int ExitCodeForExec(int err);

}  // namespace sandbox::realise

#endif  // LIB_REALISE_COMMAND_H_
