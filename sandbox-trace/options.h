// The command line of sandbox-trace.

#ifndef SANDBOX_TRACE_OPTIONS_H_
#define SANDBOX_TRACE_OPTIONS_H_

#include "lib/cli/option.h"
#include "lib/cli/parse.h"

namespace sandbox::trace_tool {

struct Options {
  int events_fd = -1;
  bool last = false;
};

// The tool by name, usage and options: what --help, the manual and the completions are made of.
cli::Interface Interface();
Options ToOptions(const cli::Parsed& parsed);

}  // namespace sandbox::trace_tool

#endif  // SANDBOX_TRACE_OPTIONS_H_
