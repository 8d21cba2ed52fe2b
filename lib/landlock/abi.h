// Which Landlock this kernel speaks.

#ifndef LIB_LANDLOCK_ABI_H_
#define LIB_LANDLOCK_ABI_H_

#include "absl/status/statusor.h"

namespace sandbox::landlock {

// The newest ABI whose rights this code knows; a newer kernel is used as this one.
inline constexpr int kNewestKnownAbi = 10;

struct Abi {
  int version = 0;  // as the kernel says; at least 1
  int errata = 0;   // bit n-1: erratum n is fixed; 0 also where the kernel cannot tell
};

// Asks the kernel (landlock_create_ruleset(2) with LANDLOCK_CREATE_RULESET_VERSION, then
// _ERRATA). Does not block; changes nothing.
// Errors: Unimplemented with ENOSYS attached when the kernel is built without Landlock or older
// than Linux 5.13 (or a filter hides the call); FailedPrecondition with EOPNOTSUPP attached when it
// was disabled at boot. The messages say which.
absl::StatusOr<Abi> ProbeAbi();

}  // namespace sandbox::landlock

#endif  // LIB_LANDLOCK_ABI_H_
