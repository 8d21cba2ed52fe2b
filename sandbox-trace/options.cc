#include "sandbox-trace/options.h"

namespace sandbox::trace_tool {
namespace {

constexpr cli::Option kTable[] = {
    {.name = "events-fd", .arg = cli::Arg::kFd, .metavar = "N",
     .help = "write every observed exec, open and connect to descriptor N as JSON Lines, instead "
             "of a summary to stderr"},
    {.name = "last", .help = "the next word is the command, whatever it is called"},
};

}  // namespace

cli::Interface Interface() {
  return {
      .tool = "sandbox-trace",
      .synopsis = "[OPTION]... [--] PROGRAM [ARG]...",
      .summary = "Run PROGRAM and write down what it executes, opens and connects to; restrict "
                 "nothing but privileges.",
      .options = kTable,
  };
}

Options ToOptions(const cli::Parsed& parsed) {
  Options options;
  for (const cli::Given& given : parsed.options) {
    if (given.Is("events-fd")) options.events_fd = given.fd();
    if (given.Is("last")) options.last = true;
  }
  return options;
}

}  // namespace sandbox::trace_tool
