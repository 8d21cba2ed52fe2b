// Putting a filter on the calling thread, for good (seccomp(2)).

#ifndef LIB_SECCOMP_INSTALL_H_
#define LIB_SECCOMP_INSTALL_H_

#include <linux/filter.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::seccomp {

// Adds `program` to the caller's filters; the strictest answer of all of them counts. Needs
// no_new_privs. Errors carry errno.
absl::Status InstallFilter(absl::Span<const sock_filter> program);

// The same, and returns the listener for the calls that it answers with kNotify. A target that has
// been received is only interruptible by death where the kernel can (5.19).
// FailedPrecondition (EBUSY) when another supervisor already watches this process.
absl::StatusOr<UniqueFd> InstallListener(absl::Span<const sock_filter> program);

}  // namespace sandbox::seccomp

#endif  // LIB_SECCOMP_INSTALL_H_
