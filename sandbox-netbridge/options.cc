#include "sandbox-netbridge/options.h"

#include <utility>

#include "lib/base/status.h"

namespace sandbox::netbridge_tool {
namespace {

using cli::Arg;

constexpr cli::Option kTable[] = {
    {.name = "allow", .arg = Arg::kText, .metavar = "HOST:PORT", .repeatable = true,
     .help = "allow TCP connections to HOST, a name or an address ([ADDRESS] for IPv6), at PORT; "
             "without one there is no way out"},
    {.name = "resolve", .arg = Arg::kText, .metavar = "NAME=ADDRESS", .repeatable = true,
     .help = "dial NAME at ADDRESS, which may be private, instead of asking DNS"},
    {.name = "last", .help = "the next word is the command, whatever it is called"},
};

}  // namespace

cli::Interface Interface() {
  return {
      .tool = "sandbox-netbridge",
      .synopsis = "[OPTION]... [--] PROGRAM [ARG]...",
      .summary = "Run PROGRAM in a network of its own, with the allowed targets as the only way "
                 "out.",
      .options = kTable,
  };
}

absl::StatusOr<Options> ToOptions(const cli::Parsed& parsed) {
  Options options;
  for (const cli::Given& given : parsed.options) {
    if (given.Is("allow")) {
      ASSIGN_OR_RETURN(net::Rule rule, net::ParseRule(given.value));
      options.allow.push_back(std::move(rule));
    } else if (given.Is("resolve")) {
      ASSIGN_OR_RETURN(const net::Resolution resolution, net::ParseResolution(given.value));
      options.resolve[resolution.name] = resolution.address;
    } else if (given.Is("last")) {
      options.last = true;
    }
  }
  return options;
}

}  // namespace sandbox::netbridge_tool
