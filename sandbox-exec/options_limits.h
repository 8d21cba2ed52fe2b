// The options of sandbox-exec about resources and time.

#ifndef SANDBOX_EXEC_OPTIONS_LIMITS_H_
#define SANDBOX_EXEC_OPTIONS_LIMITS_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lib/cli/option.h"
#include "lib/cli/parse.h"

namespace sandbox::exec_tool {

inline constexpr cli::Option kLimitsTable[] = {
    {.name = "open-files", .arg = cli::Arg::kText, .metavar = "N",
     .help = "let no process have descriptors of numbers from N on"},
    {.name = "file-size", .arg = cli::Arg::kText, .metavar = "SIZE",
     .help = "let no file grow beyond SIZE bytes; K, M and G after the number multiply by 1024"},
    {.name = "address-space", .arg = cli::Arg::kText, .metavar = "SIZE",
     .help = "let no process have more than SIZE of memory mapped"},
    {.name = "processes", .arg = cli::Arg::kText, .metavar = "N",
     .help = "let the command and all below it be at most N processes and threads at a time; in "
             "strict mode and not for root, whose processes the kernel does not count"},
    {.name = "timeout", .arg = cli::Arg::kText, .metavar = "DURATION",
     .help = "send the command SIGTERM after DURATION, such as 90s, 1.5h or 500ms, without a unit in "
             "seconds, and end with status 124; in strict mode"},
    {.name = "kill-after", .arg = cli::Arg::kText, .metavar = "DURATION",
     .help = "kill the command and all below it when it still runs DURATION after --timeout: 5s "
             "unless given"},
};

struct LimitOptions {
  std::optional<uint64_t> open_files;
  std::optional<uint64_t> file_size;
  std::optional<uint64_t> address_space;
  std::optional<uint64_t> processes;
  std::optional<absl::Duration> timeout;
  std::optional<absl::Duration> kill_after;
};

// Takes `given` when it is one of kLimitsTable; whether it was. InvalidArgument for what is no
// number, size or duration.
absl::StatusOr<bool> TakeLimitOption(const cli::Given& given, LimitOptions* options);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_OPTIONS_LIMITS_H_
