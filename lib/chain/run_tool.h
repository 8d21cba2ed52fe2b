// The frame of every tool's main.

#ifndef LIB_CHAIN_RUN_TOOL_H_
#define LIB_CHAIN_RUN_TOOL_H_

#include "lib/chain/stage.h"
#include "lib/cli/option.h"
#include "lib/cli/parse.h"
#include "lib/diag/diag.h"

namespace sandbox::chain {

// What one tool does, from its parsed command line on. Returns what a failure before the command
// exits with, after telling `diag`.
using Work = int(const cli::Parsed& parsed, Stage& stage, const diag::Diag& diag);

// Takes the process over (Stage::Start), parses the command line, answers --help and --version, and
// does `work` for anything else. Returns the exit status.
int RunTool(const cli::Interface& interface, int argc, const char* const argv[],
            const char* const environment[], Work* work);

}  // namespace sandbox::chain

#endif  // LIB_CHAIN_RUN_TOOL_H_
