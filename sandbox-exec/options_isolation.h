// The options of sandbox-exec about what is the command's own.

#ifndef SANDBOX_EXEC_OPTIONS_ISOLATION_H_
#define SANDBOX_EXEC_OPTIONS_ISOLATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "lib/cli/option.h"
#include "lib/cli/parse.h"

namespace sandbox::exec_tool {

inline constexpr cli::Option kIsolationTable[] = {
    {.name = "share", .arg = cli::Arg::kText, .metavar = "ipc|uts|cgroup", .repeatable = true,
     .help = "use the caller's namespace of System V IPC and message queues, of the host's name, or "
             "of control groups, instead of an own one; in strict mode"},
    {.name = "hostname", .arg = cli::Arg::kText, .metavar = "NAME",
     .help = "let the host's name be NAME for the command; in strict mode"},
    {.name = "no-aslr", .help = "lay out memory the same way each time: for debugging, not for safety"},
};

struct IsolationOptions {
  bool share_ipc = false;
  bool share_uts = false;
  bool share_cgroup = false;
  std::string hostname;
  bool no_aslr = false;

  bool needs_strict() const { return share_ipc || share_uts || share_cgroup || !hostname.empty(); }
};

// Takes `given` when it is one of kIsolationTable; whether it was. InvalidArgument for what cannot
// be shared and for what is no name.
absl::StatusOr<bool> TakeIsolationOption(const cli::Given& given, IsolationOptions* options);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_OPTIONS_ISOLATION_H_
