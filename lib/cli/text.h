// What is printed from an option table.

#ifndef LIB_CLI_TEXT_H_
#define LIB_CLI_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lib/cli/option.h"

namespace sandbox::cli {

// What a tool says of itself, besides its options.
struct Description {
  const char* tool;
  const char* synopsis;  // after the name: "[OPTION]... [--] PROGRAM [ARG]..."
  const char* summary;   // a sentence or two
};

// For --help.
std::string HelpText(const Description& description, absl::Span<const Option> table);
// The body of the OPTIONS section, in man(7) macros.
std::string ManOptions(absl::Span<const Option> table);
// Completion scripts; after the options, commands are completed.
std::string BashCompletion(absl::string_view tool, absl::Span<const Option> table);
std::string ZshCompletion(absl::string_view tool, absl::Span<const Option> table);

}  // namespace sandbox::cli

#endif  // LIB_CLI_TEXT_H_
