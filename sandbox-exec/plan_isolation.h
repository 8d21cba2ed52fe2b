// From the options about what is the command's own to the plan.

#ifndef SANDBOX_EXEC_PLAN_ISOLATION_H_
#define SANDBOX_EXEC_PLAN_ISOLATION_H_

#include "absl/status/status.h"
#include "lib/realise/plan.h"
#include "sandbox-exec/options_isolation.h"

namespace sandbox::exec_tool {

// InvalidArgument for what needs namespaces where plan.strict says there are none.
absl::Status CompileIsolation(const IsolationOptions& options, realise::Plan& plan);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_PLAN_ISOLATION_H_
