#include "sandbox-cow/options.h"

#include "absl/strings/string_view.h"

namespace sandbox::cow_tool {
namespace {

using cli::Arg;

constexpr cli::Option kTable[] = {
    {.name = "workdir", .arg = Arg::kPath, .metavar = "DIR",
     .help = "what is written beneath DIR goes to a layer"},
    {.name = "on-success", .arg = Arg::kChoice, .choices = "commit|discard|keep",
     .help = "what becomes of the layer when the command exits with 0; commit is the default"},
    {.name = "on-failure", .arg = Arg::kChoice, .choices = "commit|discard|keep",
     .help = "what becomes of it otherwise; discard is the default"},
    {.name = "dry-run",
     .help = "list on stdout what would change, a line each (A added, M modified, D deleted, T of "
             "another type), and discard"},
    {.name = "last", .help = "the next word is the command, whatever it is called"},
};

Then ThenOf(absl::string_view word) {
  if (word == "commit") return Then::kCommit;
  return word == "keep" ? Then::kKeep : Then::kDiscard;
}

}  // namespace

cli::Interface Interface() {
  return {
      .tool = "sandbox-cow",
      .synopsis = "--workdir DIR [OPTION]... [--] PROGRAM [ARG]...",
      .summary = "Run PROGRAM with its writes beneath DIR in a layer; commit them when it "
                 "succeeds.",
      .options = kTable,
  };
}

absl::StatusOr<Options> ToOptions(const cli::Parsed& parsed) {
  Options options;
  for (const cli::Given& given : parsed.options) {
    if (given.Is("workdir")) options.workdir = given.value;
    if (given.Is("on-success")) options.on_success = ThenOf(given.value);
    if (given.Is("on-failure")) options.on_failure = ThenOf(given.value);
    if (given.Is("dry-run")) options.dry_run = true;
    if (given.Is("last")) options.last = true;
  }
  if (options.workdir.empty() && !parsed.rest.empty()) {
    return absl::InvalidArgumentError("no directory given: name one with --workdir DIR");
  }
  return options;
}

}  // namespace sandbox::cow_tool
