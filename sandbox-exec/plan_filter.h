// From the options about system calls to the filters of a plan.

#ifndef SANDBOX_EXEC_PLAN_FILTER_H_
#define SANDBOX_EXEC_PLAN_FILTER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/realise/plan.h"
#include "lib/seccomp/policy.h"
#include "sandbox-exec/options_filter.h"

namespace sandbox::exec_tool {

// Sets the filters of `plan`, all else of which is there, if it is to be run. InvalidArgument, naming the option, for
// what cannot be had.
absl::Status CompileFilter(const FilterOptions& options, realise::Plan& plan);

// A filter of a plan and what it is for.
struct NamedPolicy {
  std::string name;
  seccomp::Policy policy;
};

// The filters that CompileFilter and the realiser give a command of `plan`, in their order.
absl::StatusOr<std::vector<NamedPolicy>> FiltersOf(const FilterOptions& options,
                                                   const realise::Plan& plan);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_PLAN_FILTER_H_
