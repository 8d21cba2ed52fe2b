#include "sandbox-exec/plan_limits.h"

#include <cerrno>
#include <cstdint>
#include <optional>
#include <sys/resource.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace sandbox::exec_tool {
namespace {

constexpr absl::Duration kKillAfter = absl::Seconds(5);

absl::Status CheckHard(absl::string_view option, __rlimit_resource resource,
                       const std::optional<uint64_t>& wanted) {
  if (!wanted.has_value()) return absl::OkStatus();
  rlimit limit = {};
  if (getrlimit(resource, &limit) != 0) return ErrnoError(errno, "getrlimit", option);
  if (limit.rlim_max == RLIM_INFINITY || *wanted <= limit.rlim_max) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--", option, " ", *wanted,
                                                 " is above the hard limit here, ",
                                                 limit.rlim_max));
}

absl::Status NeedsStrict(absl::string_view option, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("--", option, " needs --mode=strict: without namespaces ", why));
}

}  // namespace

absl::Status CompileLimits(const LimitOptions& options, realise::Plan& plan) {
  RETURN_IF_ERROR(CheckHard("open-files", RLIMIT_NOFILE, options.open_files));
  RETURN_IF_ERROR(CheckHard("file-size", RLIMIT_FSIZE, options.file_size));
  RETURN_IF_ERROR(CheckHard("address-space", RLIMIT_AS, options.address_space));
  RETURN_IF_ERROR(CheckHard("processes", RLIMIT_NPROC, options.processes));
  if (options.processes.has_value()) {
    if (!plan.strict) return NeedsStrict("processes", "the user's others are counted too");
    if (getuid() == 0) {
      return absl::InvalidArgumentError(
          "--processes cannot hold for root, whose processes the kernel does not count: run as an "
          "ordinary user");
    }
  }
  if (options.kill_after.has_value() && !options.timeout.has_value()) {
    return absl::InvalidArgumentError("--kill-after means nothing without --timeout");
  }
  if (options.timeout.has_value() && !plan.strict) {
    return NeedsStrict("timeout", "what the command leaves running could live on");
  }
  plan.limits = {.open_files = options.open_files,
                 .file_size = options.file_size,
                 .address_space = options.address_space,
                 .processes = options.processes,
                 .timeout = options.timeout,
                 .kill_after = options.kill_after.value_or(kKillAfter)};
  return absl::OkStatus();
}

}  // namespace sandbox::exec_tool
