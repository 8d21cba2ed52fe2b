// The receiving end of seccomp user notification (seccomp_unotify(2)).

#ifndef LIB_NOTIFY_LISTENER_H_
#define LIB_NOTIFY_LISTENER_H_

#include <cstdint>
#include <linux/seccomp.h>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::notify {

// Owns the one listener of a filter. Exactly one process may receive from it: two that poll it hang.
// A caller waits until it is answered, or until the last copy of the listener is closed (ENOSYS).
class Listener {
 public:
  // Takes the descriptor and asks for synchronous wake-ups where the kernel has them (6.6).
  explicit Listener(UniqueFd fd);

  int fd() const { return fd_.get(); }

  // The next call, or nothing when none waits. Polls first, because receiving sleeps for ever when
  // no target is left. Nothing, too, when the caller was interrupted meanwhile.
  // Unavailable when the last process under the filter has ended.
  absl::StatusOr<std::optional<seccomp_notif>> Receive();

  // Whether the call is still waiting: whatever was read of its process is only then its own.
  bool IsWaiting(uint64_t id) const;

  // Lets the kernel run the call as it stands now. For observing only: its pointers may have
  // changed since they were read. NotFound when the caller is gone.
  absl::Status Continue(uint64_t id) { return Respond(id, 0, 0, true); }
  // Makes the call return `value`, or fail with errno `err` when that is not 0.
  absl::Status Return(uint64_t id, int64_t value, int err) { return Respond(id, value, err, false); }
  // Makes the call return a new descriptor of the caller, a copy of `fd`, in one step
  // (SECCOMP_ADDFD_FLAG_SEND, Linux 5.14). When the caller can have none, it gets that errno.
  absl::Status ReturnFd(uint64_t id, int fd, bool close_on_exec);

 private:
  absl::Status Respond(uint64_t id, int64_t value, int err, bool go_on);

  UniqueFd fd_;
};

}  // namespace sandbox::notify

#endif  // LIB_NOTIFY_LISTENER_H_
