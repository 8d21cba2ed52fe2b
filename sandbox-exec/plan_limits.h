// From the options about resources and time to the plan.

#ifndef SANDBOX_EXEC_PLAN_LIMITS_H_
#define SANDBOX_EXEC_PLAN_LIMITS_H_

#include "absl/status/status.h"
#include "lib/realise/plan.h"
#include "sandbox-exec/options_limits.h"

namespace sandbox::exec_tool {

// InvalidArgument for what cannot be promised here: a limit above the caller's own hard one, one
// that needs namespaces where plan.strict says there are none, processes of root.
absl::Status CompileLimits(const LimitOptions& options, realise::Plan& plan);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_PLAN_LIMITS_H_
