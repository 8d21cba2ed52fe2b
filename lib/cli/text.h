// Help and manual, made from what a tool says of itself.

#ifndef LIB_CLI_TEXT_H_
#define LIB_CLI_TEXT_H_

#include <string>

#include "lib/cli/option.h"

namespace sandbox::cli {

// For --help.
std::string HelpText(const Interface& interface);
// The body of the OPTIONS section, in man(7) macros.
std::string ManOptions(const Interface& interface);

}  // namespace sandbox::cli

#endif  // LIB_CLI_TEXT_H_
