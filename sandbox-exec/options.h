// The command line of sandbox-exec.

#ifndef SANDBOX_EXEC_OPTIONS_H_
#define SANDBOX_EXEC_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/cli/option.h"
#include "lib/cli/parse.h"
#include "sandbox-exec/options_environment.h"
#include "sandbox-exec/options_files.h"
#include "sandbox-exec/options_filter.h"
#include "sandbox-exec/options_isolation.h"
#include "sandbox-exec/options_limits.h"
#include "sandbox-exec/options_network.h"
#include "sandbox-exec/options_start.h"

namespace sandbox::exec_tool {

enum class Mode { kAuto, kStrict, kLandlock };

struct Options {
  Mode mode = Mode::kAuto;
  FileOptions files;
  NetworkOptions network;
  bool check = false;
  std::vector<std::string> explain;
  FilterOptions filter;
  EnvironmentOptions environment;
  IsolationOptions isolation;
  StartOptions start;
  LimitOptions limits;
  bool realise = false;
  int status_fd = -1;
};

// The tool by name, usage and options: what --help, the manual and the completions are made of.
cli::Interface Interface();

// The options of a parsed command line. InvalidArgument for what contradicts.
absl::StatusOr<Options> ToOptions(const cli::Parsed& parsed);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_OPTIONS_H_
