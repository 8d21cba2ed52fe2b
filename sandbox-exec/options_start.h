// The options of sandbox-exec about how the command starts: descriptors, directory, session.

#ifndef SANDBOX_EXEC_OPTIONS_START_H_
#define SANDBOX_EXEC_OPTIONS_START_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/cli/option.h"
#include "lib/cli/parse.h"

namespace sandbox::exec_tool {

inline constexpr cli::Option kStartTable[] = {
    {.name = "keep-fd", .arg = cli::Arg::kFd, .metavar = "N", .repeatable = true,
     .help = "pass descriptor N on, with the rights that it was opened with; 0, 1 and 2 always are"},
    {.name = "cwd", .arg = cli::Arg::kPath, .metavar = "DIR",
     .help = "start in DIR, which a grant must show; paths of other options stay relative to the "
             "caller's"},
    {.name = "new-session",
     .help = "start in a session of its own, without the caller's terminal as controlling one"},
    {.name = "core-dumps", .help = "leave the limit of core files as it is, instead of none"},
    {.name = "no-huge-pages", .help = "use no transparent huge pages"},
};

struct StartOptions {
  std::vector<int> keep_fds;  // each once, ascending
  std::string cwd;
  bool new_session = false;
  bool core_dumps = false;
  bool no_huge_pages = false;
};

// Takes `given` when it is one of kStartTable; whether it was. InvalidArgument for a descriptor
// that is passed on anyhow, or twice.
absl::StatusOr<bool> TakeStartOption(const cli::Given& given, StartOptions* options);

// To be called before this process opens anything: whether the descriptors to be kept are the
// caller's, and none that leads out of the sandbox or is `status_fd`.
absl::Status CheckKeptDescriptors(const StartOptions& options, int status_fd);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_OPTIONS_START_H_
