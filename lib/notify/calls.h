// The system calls that can be told to a supervisor, and how each pointer argument is copied.

#ifndef LIB_NOTIFY_CALLS_H_
#define LIB_NOTIFY_CALLS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace sandbox::notify {

enum class Copy : uint8_t {
  kNone,
  kPath,      // a string, at most PATH_MAX with its end; a second one of a call goes to path2
  kArgv,      // a null-terminated array of strings, capped
  kSockaddr,  // bytes, as many as the next argument says, at most 128
  kText,      // a string that is no path to follow: a link's target, an attribute's name
  kBytes,     // bytes, as many as the next argument says, at most 64 KiB
  kTimes,     // two timespec or timeval
  kUtimbuf,
};

// One call of a kind. Arguments that are not copied are numbers.
struct Call {
  int number;
  absl::string_view name;
  absl::string_view kind;  // what an interest names: "open", "exec", "connect", "bind", "change"
  Copy copies[6];
  int directory;   // the argument that a relative path starts at; -1: the working directory
  int flags;       // the argument with open flags; -1: none, -2: creat(2)'s
  int directory2;  // as directory, of the second path
  bool by_number = false;  // without a path the call is about that descriptor itself
};

// All of them.
absl::Span<const Call> Calls();

// The one with this number, or null.
const Call* FindCall(int number);

}  // namespace sandbox::notify

#endif  // LIB_NOTIFY_CALLS_H_
