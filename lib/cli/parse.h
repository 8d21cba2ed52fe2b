// The command line of a tool: options up to the first word that is none, then the next program's.

#ifndef LIB_CLI_PARSE_H_
#define LIB_CLI_PARSE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lib/cli/option.h"

namespace sandbox::cli {

// One option as given. `option` points into the table.
struct Given {
  const Option* option;
  std::string value;  // "" for a flag

  bool Is(absl::string_view name) const { return name == option->name; }
  // The number of a kFd value, which the parser has checked.
  int fd() const;
};

struct Parsed {
  std::vector<Given> options;      // in their order
  std::vector<std::string> rest;   // the next program and its words
  bool help = false;               // --help or --version was met; nothing after it is looked at
  bool version = false;
};

// Parses `args` (without argv[0]). Stops after "--" and at the first word that is no option: what
// follows belongs to the user. Takes --name VALUE, --name=VALUE, -n VALUE, -nVALUE; no abbreviation.
// InvalidArgument, one line: unknown options (with ours for those of other tools, or the nearest
// name), missing, superfluous or malformed values, one given twice that may not be.
absl::StatusOr<Parsed> Parse(absl::Span<const Option> table, absl::Span<const std::string> args);

// What our option for another tool's `name` is, as advice; "" when it is nobody's.
absl::string_view AdviceForForeign(absl::string_view name);

}  // namespace sandbox::cli

#endif  // LIB_CLI_PARSE_H_
