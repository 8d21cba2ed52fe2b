// The keeper's half of a stage, after Stage::Split.

#ifndef LIB_CHAIN_KEEP_H_
#define LIB_CHAIN_KEEP_H_

#include <cstdint>
#include <functional>
#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/chain/stage.h"
#include "lib/proc/event_loop.h"
#include "lib/proc/signals.h"
#include "lib/proc/wait_status.h"

namespace sandbox::chain {

// What a keeper still needs once the chain is on its way.
struct KeeperNeeds {
  uint64_t capabilities = 0;  // a bit mask; for its after-work
  bool keep_stdout = false;   // it prints there at the end
};

// Gives up all but `needs`, calls `serve` (may be empty) to add what the stage watches to `loop`, and
// runs it until `child` and all below it have ended. Returns how the child ended. On an error,
// nothing below is left either.
absl::StatusOr<proc::WaitStatus> Keep(const Stage& stage, pid_t child, const KeeperNeeds& needs,
                                      proc::EventLoop* loop,
                                      const std::function<absl::Status()>& serve);

// Ends as `status` says: the last thing a keeper does.
using proc::EndAs;

}  // namespace sandbox::chain

#endif  // LIB_CHAIN_KEEP_H_
