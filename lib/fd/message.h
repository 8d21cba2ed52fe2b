// Messages with descriptors over a Unix seqpacket or datagram socket (unix(7), SCM_RIGHTS).

#ifndef LIB_FD_MESSAGE_H_
#define LIB_FD_MESSAGE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lib/fd/unique_fd.h"

namespace sandbox {

inline constexpr size_t kMaxMessageFds = 16;

// A connected pair of seqpacket sockets, both close-on-exec.
absl::StatusOr<std::pair<UniqueFd, UniqueFd>> MakeSocketPair();

struct Message {
  std::string data;
  std::vector<UniqueFd> fds;
};

// Sends one message; the descriptors (at most kMaxMessageFds) are borrowed. Blocks as the socket
// does, retries EINTR, raises no SIGPIPE.
absl::Status SendMessage(int socket, absl::string_view data, absl::Span<const int> fds = {});

// Receives one message of at most `max_bytes`; its descriptors are close-on-exec. Blocks as the
// socket does, retries EINTR.
// Unavailable at end of file or where a non-blocking socket has nothing (errno EAGAIN attached);
// InvalidArgument for a message that was cut.
absl::StatusOr<Message> ReceiveMessage(int socket, size_t max_bytes);

}  // namespace sandbox

#endif  // LIB_FD_MESSAGE_H_
