// The way of a listener from the process that installs it to the one that receives from it.

#ifndef LIB_NOTIFY_HAND_OVER_H_
#define LIB_NOTIFY_HAND_OVER_H_

#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/fd/message.h"
#include "lib/notify/listener.h"

namespace sandbox::notify {

// A message that brings a listener is no longer.
inline constexpr size_t kMaxHandOverBytes = 16;

// Gives `listener` (borrowed) to whoever waits behind the seqpacket `socket` (borrowed), and blocks
// until that one has answered. `command` stands under the filter; its number as the receiver sees it.
// Errors: FailedPrecondition with the receiver's reason for refusing; Unavailable when it has ended.
absl::Status GiveListener(int socket, int listener, pid_t command);

// Whether `message` was sent by GiveListener().
bool BringsListener(const Message& message);

// Takes the listener out of `message`. Refuses where the command's memory cannot be read: calls would
// be seen without their arguments. That needs ptrace access, which Yama may narrow down to ancestors
// (scope 1), to whoever owns the command's user namespace (2), or to nobody (3).
// Errors: PermissionDenied or NotFound, errno attached.
absl::StatusOr<Listener> TakeListener(Message message);

// Answers whoever gave a listener: `status` says whether calls are received from it now, or why not.
absl::Status AnswerGiver(int socket, const absl::Status& status);

}  // namespace sandbox::notify

#endif  // LIB_NOTIFY_HAND_OVER_H_
