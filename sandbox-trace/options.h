// The command line of sandbox-trace.

#ifndef SANDBOX_TRACE_OPTIONS_H_
#define SANDBOX_TRACE_OPTIONS_H_

#include "absl/types/span.h"
#include "lib/cli/option.h"
#include "lib/cli/parse.h"

namespace sandbox::trace_tool {

struct Options {
  int events_fd = -1;
  bool last = false;
};

absl::Span<const cli::Option> OptionTable();
Options ToOptions(const cli::Parsed& parsed);

}  // namespace sandbox::trace_tool

#endif  // SANDBOX_TRACE_OPTIONS_H_
