// The environment of the command.

#ifndef SANDBOX_EXEC_PLAN_ENVIRONMENT_H_
#define SANDBOX_EXEC_PLAN_ENVIRONMENT_H_

#include <string>
#include <vector>

#include "lib/chain/environment.h"
#include "sandbox-exec/options_environment.h"

namespace sandbox::exec_tool {

// What is left of `caller`, as "NAME=VALUE", with SANDBOX=sandpipe and what the options set.
std::vector<std::string> CompileEnvironment(const EnvironmentOptions& options,
                                            const chain::Environment& caller);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_PLAN_ENVIRONMENT_H_
