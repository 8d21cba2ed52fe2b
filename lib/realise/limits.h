// Resource limits of the command.

#ifndef LIB_REALISE_LIMITS_H_
#define LIB_REALISE_LIMITS_H_

#include "absl/status/status.h"
#include "lib/realise/plan.h"

namespace sandbox::realise {

// Sets them, soft and hard, on the caller, which becomes the command: last, because less address
// space may be left than set-up needs. setrlimit(2).
absl::Status SetLimits(const Plan& plan);

}  // namespace sandbox::realise

#endif  // LIB_REALISE_LIMITS_H_
