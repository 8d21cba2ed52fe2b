// Making children that do not outlive us, and ending all that are left.

#ifndef LIB_PROC_CHILDREN_H_
#define LIB_PROC_CHILDREN_H_

#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::proc {

// In a child, right after its fork: SIGKILL when the parent `pid` ends. When the parent has ended
// already, FailedPrecondition: the child must exit. The parent must be visible in the caller's pid
// namespace.
absl::Status DieWithParent(pid_t pid);

// Kills every child of the caller and what becomes its child by that (the caller is a subreaper),
// and returns when there is none left. Blocks for as long as the kernel takes.
void KillAllChildren();

}  // namespace sandbox::proc

#endif  // LIB_PROC_CHILDREN_H_
