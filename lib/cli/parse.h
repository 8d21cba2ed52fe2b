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

// Where a command line's further words are read from. Blocks until the end of what is read; refuses
// what is larger than any list of options.
class Source {
 public:
  virtual ~Source() = default;
  virtual absl::StatusOr<std::string> ReadFile(const std::string& path) = 0;
  // Reads to the end and closes `fd`, unless it is 0, 1 or 2.
  virtual absl::StatusOr<std::string> ReadDescriptor(int fd) = 0;
};

// Parses `args` (without argv[0]). Stops after "--" and at the first word that is no option: what
// follows belongs to the user. Takes --name VALUE, --name=VALUE, -n VALUE, -nVALUE; no abbreviation.
// Where an option may stand, @FILE takes the lines of FILE and --args-fd N the NUL-ended words of
// descriptor N in its place: options only, and no further such source; refused without a `source`.
// What looks cut or mangled is refused, for options that are lost may be denies: a descriptor that
// brings nothing or whose last word has no NUL, a NUL or a carriage return in a line.
// InvalidArgument, one line: unknown options (with ours for those of other tools, or the nearest
// name), missing, superfluous or malformed values, one given twice that may not be.
absl::StatusOr<Parsed> Parse(absl::Span<const Option> table, absl::Span<const std::string> args,
                             Source* source = nullptr);

// What our option for another tool's `name` is, as advice; "" when it is nobody's.
absl::string_view AdviceForForeign(absl::string_view name);

}  // namespace sandbox::cli

#endif  // LIB_CLI_PARSE_H_
