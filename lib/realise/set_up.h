// What the processes of a set-up share: a page of memory, for order and for the reason of a
// failure.

#ifndef LIB_REALISE_SET_UP_H_
#define LIB_REALISE_SET_UP_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/realise/engaged.h"

namespace sandbox::realise {

// A number that one process sets once and others wait for. Lives in shared memory.
class Event {
 public:
  // Sets a value other than 0 and wakes all who wait. Signal-safe.
  void Set(uint32_t value) noexcept;
  // Blocks until it is set; returns the value. Signal-safe, retries EINTR. Whoever waits must be
  // killed by somebody else when nobody is left to set it.
  uint32_t Wait() noexcept;
  uint32_t value() const noexcept { return value_.load(std::memory_order_acquire); }

 private:
  std::atomic<uint32_t> value_{0};
  static_assert(std::atomic<uint32_t>::is_always_lock_free);
};

// One page, mapped shared before the first fork. Plain members are written by one process before
// it sets an event or ends, and read by others after that.
struct SetUp {
  Event init_ready;       // by pid 1: /proc is mounted
  Event command_ready;    // by the command: confined, all but the last exec; 1 + listener, or 1
  Event actor_ready;      // by the actor: confined
  Event go;               // by the keeper: all is engaged and reported, notifications are served
  Event exec_failed;      // by the command: 1 + errno of its last exec
  Engaged engaged;        // by the command
  pid_t init = 0;         // by the stagehand, as the keeper sees them
  pid_t command = 0;
  pid_t actor = 0;
  char failure[1024] = {};  // by whoever fails first: one line, then it ends

  // Keeps `status` as the reason unless there is one already.
  void Fail(const absl::Status& status) noexcept;
  std::string Failure() const { return failure; }
};

// Unmaps.
struct SetUpDeleter {
  void operator()(SetUp* page) const noexcept;
};
using SetUpPage = std::unique_ptr<SetUp, SetUpDeleter>;

// Maps a fresh page; inherited by forks, dropped by exec. mmap(2).
absl::StatusOr<SetUpPage> MapSetUp();

}  // namespace sandbox::realise

#endif  // LIB_REALISE_SET_UP_H_
