#include "sandbox-exec/plan_filter.h"

#include <cerrno>
#include <sys/utsname.h>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/fd/read.h"
#include "lib/oci/seccomp_profile.h"
#include "lib/realise/rules.h"
#include "lib/seccomp/compile.h"
#include "lib/seccomp/lift.h"
#include "lib/seccomp/user_filter.h"

namespace sandbox::exec_tool {
namespace {

// More is no profile.
constexpr size_t kMostBytes = 1 << 20;

absl::StatusOr<seccomp::Policy> ReadProfile(const std::string& path) {
  const std::string called = absl::StrCat("--seccomp-profile ", path);
  const absl::StatusOr<std::string> text = ReadWholeFile(path, kMostBytes);
  if (!text.ok()) return Annotate(text.status(), called);
  utsname kernel = {};
  if (uname(&kernel) != 0) return ErrnoError(errno, "uname");
  absl::StatusOr<seccomp::Policy> policy = oci::ParseSeccompProfile(*text, kernel.release);
  if (!policy.ok()) return Annotate(policy.status(), called);
  return policy;
}

absl::StatusOr<seccomp::UserFilter> UserFilterOf(const FilterOptions& options,
                                                 const realise::Plan& plan) {
  seccomp::UserRules rules = {.deny = options.deny,
                              .allow = options.allow,
                              .otherwise = options.otherwise,
                              .profile = {}};
  if (!options.profile.empty()) {
    ASSIGN_OR_RETURN(rules.profile, ReadProfile(options.profile));
  }
  return seccomp::MakeUserFilter(rules, realise::DefaultVariant(plan));
}

}  // namespace

absl::Status CompileFilter(const FilterOptions& options, realise::Plan& plan) {
  // All is prebuilt, or FiltersOf() makes it; a profile may be a pipe, which is read once.
  if (!options.any() || options.only_shows()) return absl::OkStatus();
  auto made = UserFilterOf(options, plan);
  if (!made.ok()) return made.status();
  seccomp::UserFilter& filter = *made;
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
  auto made = UserFilterOf(options, plan);
  if (!made.ok()) return made.status();
  seccomp::UserFilter& filter = *made;
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
