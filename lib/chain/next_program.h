// Which program comes next, and whether it is a stage.

#ifndef LIB_CHAIN_NEXT_PROGRAM_H_
#define LIB_CHAIN_NEXT_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/chain/environment.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::chain {

inline constexpr char kCow[] = "sandbox-cow";
inline constexpr char kNetbridge[] = "sandbox-netbridge";
inline constexpr char kTrace[] = "sandbox-trace";
inline constexpr char kExec[] = "sandbox-exec";

// The next program of the line. `stage` names the tool when it is one of ours; then `program` is
// it, open with O_PATH, and that descriptor is what gets exec'd. Otherwise it is the command, which
// is found again, inside the sandbox, when it is run.
struct NextProgram {
  std::string stage;  // "" for a command
  UniqueFd program;
  std::vector<std::string> argv;
};

// The directory of the running executable, open with O_PATH: where its stages are.
// By /proc/self/exe; fails when /proc is not mounted.
absl::StatusOr<UniqueFd> OpenStageDirectory();

// Looks `argv[0]` up as execvp(3) would, in PATH of `environment`, opens it once, and compares its
// (st_dev, st_ino) with that name in `stage_directory`: neither name, PATH nor environment makes a
// stage. What cannot be opened is a command too. `argv` is not empty.
NextProgram FindNext(const std::vector<std::string>& argv, const Environment& environment,
                     int stage_directory);

// The stage `name` of `stage_directory` itself, with `argv`. NotFound says that it is not there.
absl::StatusOr<NextProgram> OpenStage(absl::string_view name, std::vector<std::string> argv,
                                      int stage_directory);

}  // namespace sandbox::chain

#endif  // LIB_CHAIN_NEXT_PROGRAM_H_
