// The command line of sandbox-netbridge.

#ifndef SANDBOX_NETBRIDGE_OPTIONS_H_
#define SANDBOX_NETBRIDGE_OPTIONS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/cli/option.h"
#include "lib/cli/parse.h"
#include "lib/net/address.h"
#include "lib/net/rule.h"

namespace sandbox::netbridge_tool {

struct Options {
  std::vector<net::Rule> allow;
  std::map<std::string, net::Address> resolve;
  bool last = false;
};

// The tool by name, usage and options: what --help, the manual and the completions are made of.
cli::Interface Interface();
// InvalidArgument for a target or resolution that is none.
absl::StatusOr<Options> ToOptions(const cli::Parsed& parsed);

}  // namespace sandbox::netbridge_tool

#endif  // SANDBOX_NETBRIDGE_OPTIONS_H_
