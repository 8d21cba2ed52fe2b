// The waiting half of a stage: one child below, the shell or another keeper above.

#ifndef LIB_PROC_KEEPER_H_
#define LIB_PROC_KEEPER_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <sys/types.h>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lib/fd/unique_fd.h"
#include "lib/proc/event_loop.h"
#include "lib/proc/wait_status.h"

struct signalfd_siginfo;

namespace sandbox::proc {

// Gives up what a keeper does not need: sets no_new_privs, keeps only the capabilities of `keep` (a
// bit mask), is not dumpable, becomes a subreaper, and puts /dev/null on descriptors 0 and, unless
// `keep_stdout`, 1, so that pipes of the job end when the command ends them.
absl::Status BecomeKeeper(uint64_t keep, bool keep_stdout);

// The same for a process that only passes on, beside children that are not ours: it adopts none.
absl::Status BecomeRelay();

// Waits for a child, passes signals and stops through, and reports how the child ended.
//
// Keepers form a line from the shell's job down to the command, all in the job's process group.
// What the terminal sends reaches the command by itself; what is sent to the outermost keeper goes
// down the line once, as a queued real-time signal that carries the number, so that it cannot merge
// with one that the whole group got. A keeper stops when its child has stopped, of the same signal.
//
// All signals must be blocked since before the child was made. Not thread-safe.
class Keeper {
 public:
  struct Options {
    pid_t child = 0;
    pid_t outer = 0;       // the keeper above; 0 for the outermost
    bool last = false;     // the child is the command itself, not another keeper
    bool kill_left = true;  // at the end kill what became our child
    bool stops_along = true;  // when the child stops
    // Last keeper only: whether signal n was also sent to the rest of the process group. Without
    // one, a signal that reaches an inner keeper directly is taken for one of the group's.
    std::function<bool(int)> reached_group;
    // Called for each other child that ended.
    std::function<void(pid_t, WaitStatus)> other_ended;
    // Set where no pid namespace ends the tree: the keeper above may be killed without us.
    bool watch_outer = false;
  };

  // `loop` is borrowed and outlives the keeper; the tool adds its own descriptors to it.
  static absl::StatusOr<std::unique_ptr<Keeper>> Create(EventLoop* loop, Options options);
  ~Keeper();

  // Serves the loop until the child has ended; then kills and reaps whatever is left below and
  // returns the child's status. An error of the loop kills the child first.
  absl::StatusOr<WaitStatus> Run();

 private:
  Keeper(EventLoop* loop, Options options, UniqueFd signals)
      : loop_(loop), options_(std::move(options)), signals_(std::move(signals)) {}

  void OnSignals();
  void OnSignal(const signalfd_siginfo& info);
  void OnContinue(const signalfd_siginfo& info);
  void Reap();
  void PassOn(int signal);
  bool IsTwin(int signal);
  bool IsFromOuter(const signalfd_siginfo& info) const;

  EventLoop* loop_;
  Options options_;
  UniqueFd signals_;
  UniqueFd outer_pidfd_;
  std::optional<WaitStatus> ended_;
  // When a signal reached this last keeper directly: the outermost one passes on a second.
  std::array<absl::Time, 65> direct_{};
};

}  // namespace sandbox::proc

#endif  // LIB_PROC_KEEPER_H_
