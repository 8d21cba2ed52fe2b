#include "lib/cli/option.h"

namespace sandbox::cli {
namespace {

constexpr Option kCommon[] = {
    {.name = "help", .help = "print this and exit"},
    {.name = "version", .help = "print the version and exit"},
};

}  // namespace

std::vector<const Option*> AllOptions(const Interface& interface) {
  std::vector<const Option*> all;
  for (const Option& option : interface.options) all.push_back(&option);
  all.push_back(&kArgsFd);
  for (const Option& option : kCommon) all.push_back(&option);
  return all;
}

}  // namespace sandbox::cli
