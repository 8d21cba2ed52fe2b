// The time limit of a command, kept by the keeper.

#ifndef LIB_REALISE_DEADLINE_H_
#define LIB_REALISE_DEADLINE_H_

#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "lib/fd/unique_fd.h"
#include "lib/proc/event_loop.h"
#include "lib/realise/plan.h"

namespace sandbox::realise {

// Sends the command SIGTERM at the time limit and SIGKILL after a grace; whoever waits for the
// command then ends the rest. Time goes on while the machine sleeps (CLOCK_BOOTTIME).
class Deadline {
 public:
  // Starts the time for child `command` and watches it in `loop`, which outlives the deadline;
  // nothing where there is no limit. timerfd_create(2), pidfd_open(2).
  absl::Status Start(const Limits& limits, pid_t command, proc::EventLoop* loop);
  // Whether the command was told to end.
  bool passed() const { return passed_; }

 private:
  absl::Status Arm(absl::Duration time);
  void OnTimer();

  UniqueFd timer_;
  UniqueFd command_;
  absl::Duration grace_;
  bool passed_ = false;
};

}  // namespace sandbox::realise

#endif  // LIB_REALISE_DEADLINE_H_
