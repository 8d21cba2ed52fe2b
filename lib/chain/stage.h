// What every stage does around its one job: take the handoff, find the next program, give the
// handoff on, exec. DESIGN of the contract: doc/architecture.md, doc/protocol/handoff.md.

#ifndef LIB_CHAIN_STAGE_H_
#define LIB_CHAIN_STAGE_H_

#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/chain/environment.h"
#include "lib/chain/next_program.h"
#include "lib/fd/unique_fd.h"
#include "lib/handoff/handoff.h"

namespace sandbox::chain {

// The state of one stage of a chain, from its first instruction to its exec. Lifecycle: Start,
// Enter (after the options are parsed), the job, Split where a keeper stays, Pass.
class Stage {
 public:
  // Takes the process over, before anything else is done: blocks all signals, fills closed
  // descriptors 0 to 2 with /dev/null, and remembers both for the command. `tool` is a literal.
  static Stage Start(const char* tool, const char* const* environment);

  Stage(Stage&&) = default;

  // Takes the handoff, if there is one (unsets the variable, closes the memfd), refuses a tool that
  // ran already, and finds the next program in `words`: a stage, or the command. With `last` the
  // next word is the command whatever it is called.
  absl::Status Enter(const std::vector<std::string>& words, bool last);

  const char* tool() const { return tool_; }
  Environment& environment() { return environment_; }
  const Environment& environment() const { return environment_; }
  handoff::Handoff& handoff() { return handoff_; }
  const NextProgram& next() const { return next_; }
  // The keeper of the stage before; 0 when this is the first.
  pid_t outer() const { return outer_; }
  // Whether a stage handed anything to this one.
  bool is_first() const { return outer_ == 0; }

  // Adds a descriptor that crosses the exec, and takes it.
  void Give(absl::string_view name, handoff::v1::Descriptor::Kind kind, UniqueFd fd);

  // The descriptor called `name`, taken from the handoff's list: an owned one with close-on-exec
  // set. NotFound when it is not there.
  absl::StatusOr<UniqueFd> Take(absl::string_view name);

  // Before the first fork of a stage. A program that became this one by exec may have had children,
  // as a shell with a job in the background has: then this process forks, stays as a mere relay of
  // status and signals beside them, and what returns is a child without any. No fork otherwise.
  absl::Status StandApart();

  // StandApart(), and forks. Returns the child's pid in the keeper-to-be, 0 in the process that goes on, which dies
  // with its parent.
  absl::StatusOr<pid_t> Split();

  // Execs the next stage with the handoff; where a command is next, sandbox-exec from beside this
  // tool, told to realise the chain and restrict nothing of its own. Returns only on failure.
  absl::Status Pass();

 private:
  Stage(const char* tool, Environment environment)
      : tool_(tool), environment_(std::move(environment)) {}

  absl::Status TakeHandoff();

  const char* tool_;
  Environment environment_;
  handoff::Handoff handoff_;
  NextProgram next_;
  UniqueFd directory_;
  std::vector<UniqueFd> given_;
  pid_t outer_ = 0;
};

}  // namespace sandbox::chain

#endif  // LIB_CHAIN_STAGE_H_
