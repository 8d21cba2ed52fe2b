#include "lib/cli/option.h"

namespace sandbox::cli {
namespace {

constexpr Option kCommon[] = {
    {.name = "args-fd", .arg = Arg::kFd, .metavar = "N", .repeatable = true,
     .help = "take options from descriptor N too, each word ended by a NUL; @FILE takes them from a "
             "file, one word a line"},
    {.name = "help", .help = "print this and exit"},
    {.name = "version", .help = "print the version and exit"},
};

}  // namespace

const Option& ArgsFdOption() { return kCommon[0]; }

std::vector<const Option*> AllOptions(const Interface& interface) {
  std::vector<const Option*> all;
  for (const Option& option : interface.options) all.push_back(&option);
  for (const Option& option : kCommon) all.push_back(&option);
  return all;
}

}  // namespace sandbox::cli
