#include "sandbox-exec/plan_filter.h"

#include <utility>

#include "lib/base/status.h"
#include "lib/realise/rules.h"
#include "lib/seccomp/compile.h"
#include "lib/seccomp/lift.h"
#include "lib/seccomp/user_filter.h"

namespace sandbox::exec_tool {
namespace {

absl::StatusOr<seccomp::UserFilter> UserFilterOf(const FilterOptions& options,
                                                 const realise::Plan& plan) {
  const seccomp::UserRules rules = {.deny = options.deny,
                                    .allow = options.allow,
                                    .otherwise = options.otherwise,
                                    .profile = {}};
  return seccomp::MakeUserFilter(rules, realise::DefaultVariant(plan));
}

}  // namespace

absl::Status CompileFilter(const FilterOptions& options, realise::Plan& plan) {
  if (!options.any()) return absl::OkStatus();  // all is prebuilt
  ASSIGN_OR_RETURN(seccomp::UserFilter filter, UserFilterOf(options, plan));
  if (!filter.lifted.empty()) {
    ASSIGN_OR_RETURN(plan.default_filter,
                     seccomp::Compile(seccomp::Lifted(realise::DefaultVariant(plan),
                                                      std::move(filter.lifted))));
  }
  if (filter.policy.has_value()) {
    ASSIGN_OR_RETURN(plan.user_filter, seccomp::Compile(*filter.policy));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<NamedPolicy>> FiltersOf(const FilterOptions& options,
                                                   const realise::Plan& plan) {
  ASSIGN_OR_RETURN(seccomp::UserFilter filter, UserFilterOf(options, plan));
  std::vector<NamedPolicy> filters;
  if (seccomp::Policy trapped = realise::TrappedCalls(plan); !trapped.rules.empty()) {
    filters.push_back({"decided call by call", std::move(trapped)});
  }
  if (seccomp::Policy narrowed = realise::NarrowedSockets(plan); !narrowed.rules.empty()) {
    filters.push_back({"sockets", std::move(narrowed)});
  }
  filters.push_back({"default", seccomp::Lifted(realise::DefaultVariant(plan),
                                                std::move(filter.lifted))});
  if (filter.policy.has_value()) filters.push_back({"user", *std::move(filter.policy)});
  return filters;
}

}  // namespace sandbox::exec_tool
