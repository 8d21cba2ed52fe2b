// Completion scripts for shells, made from what a tool says of itself.

#ifndef LIB_CLI_COMPLETION_H_
#define LIB_CLI_COMPLETION_H_

#include <string>

#include "lib/cli/option.h"

namespace sandbox::cli {

// After the options the next program is completed, and then its own words by its own completion.
std::string BashCompletion(const Interface& interface);
std::string ZshCompletion(const Interface& interface);

}  // namespace sandbox::cli

#endif  // LIB_CLI_COMPLETION_H_
