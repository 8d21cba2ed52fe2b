#include "lib/realise/limits.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <sys/resource.h>

#include "lib/base/status.h"
#include "lib/realise/rules.h"

namespace sandbox::realise {
namespace {

absl::Status Set(const char* name, __rlimit_resource resource,
                 const std::optional<uint64_t>& value) {
  if (!value.has_value()) return absl::OkStatus();
  const rlimit limit = {.rlim_cur = *value, .rlim_max = *value};
  return setrlimit(resource, &limit) == 0 ? absl::OkStatus() : ErrnoError(errno, "setrlimit", name);
}

// The kernel counts by user and user namespace: ours in it are init, and the actor where there is
// one (user_namespaces(7), Linux 5.14).
std::optional<uint64_t> WithOurs(const Plan& plan) {
  if (!plan.limits.processes.has_value()) return std::nullopt;
  return *plan.limits.processes + 1 + (DecisionsOf(plan).any() ? 1 : 0);
}

}  // namespace

absl::Status SetLimits(const Plan& plan) {
  RETURN_IF_ERROR(Set("NOFILE", RLIMIT_NOFILE, plan.limits.open_files));
  RETURN_IF_ERROR(Set("FSIZE", RLIMIT_FSIZE, plan.limits.file_size));
  RETURN_IF_ERROR(Set("NPROC", RLIMIT_NPROC, WithOurs(plan)));
  return Set("AS", RLIMIT_AS, plan.limits.address_space);
}

}  // namespace sandbox::realise
