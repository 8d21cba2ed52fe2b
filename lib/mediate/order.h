// What the reader of notifications asks the actor to do on behalf of a caller, and the answer.

#ifndef LIB_MEDIATE_ORDER_H_
#define LIB_MEDIATE_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/types.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sandbox::mediate {

// One system call, with everything that its pointers led to, copied once. As a message it comes
// with descriptors: one for each path, that the path starts at (or that is the object itself, where
// the path is empty), or the socket of connect() and bind() and then the working directory.
struct Order {
  uint64_t id = 0;               // the notification's
  int32_t call = 0;              // system call number
  uint64_t arguments[6] = {};    // as the caller gave them
  int32_t process = 0;           // the caller, as its own pid namespace numbers it
  int32_t thread = 0;
  mode_t umask = 0;              // the caller's
  bool has_terminal = false;     // /dev/tty is the same one to caller and actor
  std::string path;              // the first path
  std::string path2;             // the second: of rename and link
  std::string text;              // a symbolic link's target, an extended attribute's name
  std::string bytes;             // a socket address, an attribute's value, times
};

// An encoded order is never larger: PATH_MAX three times, and an attribute of 64 KiB.
inline constexpr size_t kMaxOrderBytes = size_t{96} * 1024;

std::string Encode(const Order& order);
// InvalidArgument when it is cut or has more than it says.
absl::StatusOr<Order> Decode(absl::string_view bytes);

// What came of it; a new descriptor of the caller comes with the message.
struct Result {
  uint64_t id = 0;
  int32_t err = 0;  // 0 or an errno; kRetry: not settled yet, order it again
};
inline constexpr int32_t kRetry = -1;

}  // namespace sandbox::mediate

#endif  // LIB_MEDIATE_ORDER_H_
