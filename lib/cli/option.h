// One table per tool says all of its options: the parser, --help, the manual's OPTIONS section and
// the completions are made from it.

#ifndef LIB_CLI_OPTION_H_
#define LIB_CLI_OPTION_H_

#include <vector>

#include "absl/types/span.h"

namespace sandbox::cli {

enum class Arg {
  kNone,    // a flag
  kPath,    // not empty
  kFd,      // a descriptor's number, 0 to 1048576
  kText,    // whatever the tool says of it
  kChoice,  // one of `choices`
};

struct Option {
  const char* name;  // long, without dashes
  char short_name = 0;
  Arg arg = Arg::kNone;
  const char* metavar = "";  // of the value, in help and manual; kChoice shows its choices
  const char* choices = "";  // of kChoice: "a|b|c"
  bool repeatable = false;
  const char* help;  // a sentence, lower-case, without its full stop
};

// How help and manual write the value of `option`.
constexpr const char* ValueName(const Option& option) {
  return option.arg == Arg::kChoice ? option.choices : option.metavar;
}

// What a tool says of itself.
struct Interface {
  const char* tool;
  const char* synopsis;  // after the name: "[OPTION]... [--] PROGRAM [ARG]..."
  const char* summary;   // a sentence or two
  absl::Span<const Option> options;  // without those that every tool has
};

// --args-fd N, which every tool has: the parser reads it and never hands it on.
inline constexpr Option kArgsFd = {
    .name = "args-fd", .arg = Arg::kFd, .metavar = "N", .repeatable = true,
    .help = "take options from descriptor N too, each word ended by a NUL; @FILE takes them from a "
            "file, one word a line"};

// The tool's options and then those that every tool has. The pointers are as good as the table.
std::vector<const Option*> AllOptions(const Interface& interface);

}  // namespace sandbox::cli

#endif  // LIB_CLI_OPTION_H_
