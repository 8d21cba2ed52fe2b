// The command line of sandbox-cow.

#ifndef SANDBOX_COW_OPTIONS_H_
#define SANDBOX_COW_OPTIONS_H_

#include <string>

#include "absl/status/statusor.h"
#include "lib/cli/option.h"
#include "lib/cli/parse.h"

namespace sandbox::cow_tool {

enum class Then { kCommit, kDiscard, kKeep };

struct Options {
  std::string workdir;
  Then on_success = Then::kCommit;
  Then on_failure = Then::kDiscard;
  bool dry_run = false;
  bool last = false;
};

// The tool by name, usage and options: what --help, the manual and the completions are made of.
cli::Interface Interface();
// InvalidArgument without --workdir, unless there is nothing to run either.
absl::StatusOr<Options> ToOptions(const cli::Parsed& parsed);

}  // namespace sandbox::cow_tool

#endif  // SANDBOX_COW_OPTIONS_H_
