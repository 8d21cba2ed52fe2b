// From options and handoff to the plan that is realised.

#ifndef SANDBOX_EXEC_PLAN_H_
#define SANDBOX_EXEC_PLAN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/chain/stage.h"
#include "lib/realise/plan.h"
#include "sandbox-exec/options.h"

namespace sandbox::exec_tool {

// Compiles the plan of a stage that has been entered; takes the handoff's descriptors. `strict` is
// what the mode came to. InvalidArgument when the handoff asks for what that mode cannot give.
absl::StatusOr<realise::Plan> CompilePlan(const Options& options, bool strict,
                                          chain::Stage& stage);

// getcwd(3).
absl::StatusOr<std::string> WorkingDirectory();

// Whether the chain confines anything: one that only observes makes no namespace.
bool Confines(const Options& options, const handoff::Handoff& handoff);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_PLAN_H_
