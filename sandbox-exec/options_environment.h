// The options of sandbox-exec about environment variables.

#ifndef SANDBOX_EXEC_OPTIONS_ENVIRONMENT_H_
#define SANDBOX_EXEC_OPTIONS_ENVIRONMENT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/cli/option.h"
#include "lib/cli/parse.h"

namespace sandbox::exec_tool {

inline constexpr cli::Option kEnvironmentTable[] = {
    {.name = "clean-env",
     .help = "pass no variable on but PATH, HOME, USER, TERM, LANG, TZ and those of --keep-env"},
    {.name = "env", .arg = cli::Arg::kText, .metavar = "NAME=VALUE", .repeatable = true,
     .help = "set the variable NAME to VALUE"},
    {.name = "keep-env", .arg = cli::Arg::kText, .metavar = "NAME", .repeatable = true,
     .help = "pass NAME on, if it is set, where it would be dropped: by --clean-env, or always, as "
             "LD_*, GCONV_PATH and GLIBC_TUNABLES are"},
    {.name = "unset-env", .arg = cli::Arg::kText, .metavar = "NAME", .repeatable = true,
     .help = "drop the variable NAME"},
};

struct EnvironmentOptions {
  bool clean = false;
  std::vector<std::pair<std::string, std::string>> set;  // name, value
  std::vector<std::string> keep;
  std::vector<std::string> unset;
};

// Takes `given` when it is one of kEnvironmentTable; whether it was. InvalidArgument for what is no
// name, or a name that is already given to the contrary.
absl::StatusOr<bool> TakeEnvironmentOption(const cli::Given& given, EnvironmentOptions* options);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_OPTIONS_ENVIRONMENT_H_
