// One table per tool says all of its options: the parser, --help, the manual's OPTIONS section and
// the completions are made from it.

#ifndef LIB_CLI_OPTION_H_
#define LIB_CLI_OPTION_H_

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
  const char* metavar = "";  // of the value, in help and manual
  const char* choices = "";  // of kChoice: "a|b|c"
  bool repeatable = false;
  const char* help;  // a sentence, lower-case, without its full stop
};

}  // namespace sandbox::cli

#endif  // LIB_CLI_OPTION_H_
