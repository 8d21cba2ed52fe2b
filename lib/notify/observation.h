// What was seen of a call: its numbers, and copies of what its pointers led to.

#ifndef LIB_NOTIFY_OBSERVATION_H_
#define LIB_NOTIFY_OBSERVATION_H_

#include <cstddef>
#include <cstdint>
#include <linux/seccomp.h>
#include <string>
#include <sys/types.h>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/notify/listener.h"

namespace sandbox::notify {

// All strings come from the sandboxed process and may hold anything; each is capped.
struct Observation {
  pid_t thread = 0;        // as the supervisor's pid namespace numbers it
  int call = 0;            // system call number
  uint64_t arguments[6] = {};
  std::string path;        // Copy::kPath
  std::string path2;       // the second one
  bool has_path = false;   // a pointer to a path was not null
  std::string text;        // Copy::kText
  std::string address;     // Copy::kSockaddr: the bytes
  std::string bytes;       // Copy::kBytes, kTimes, kUtimbuf
  std::vector<std::string> argv;  // Copy::kArgv, at most kMaxArgs
  std::string exe;         // of the caller, before the call
  std::string directory;   // what a relative path starts at
  bool readable = true;    // false: the caller's memory could not be read, the copies are empty
  bool decided = false;    // true: it did not run as such; `result` is what the caller got
  int64_t result = 0;      // a value, or a negative errno
};

inline constexpr size_t kMaxAttributeBytes = size_t{64} * 1024;  // XATTR_SIZE_MAX
inline constexpr size_t kMaxArgs = 64;
inline constexpr size_t kMaxArgBytes = 1024;
// An encoded observation is never larger. `text` and `bytes` are the decider's alone: not encoded.
inline constexpr size_t kMaxObservationBytes = size_t{128} * 1024;

// Copies what `notification` points at, once, through /proc/PID/mem. Whoever decides acts on the
// copy and nothing else. Check Listener::IsWaiting() after it: the process may have been another.
// Needs ptrace access to the target (an ancestor with its uid, or the owner of its user namespace).
Observation Observe(const seccomp_notif& notification);

// Whether an observed open() asks for a descriptor that is closed by exec.
bool OpensCloseOnExec(const Observation& observation);

// For a seqpacket socket between supervisors of one machine and version.
std::string Encode(const Observation& observation);
absl::StatusOr<Observation> Decode(absl::string_view bytes);

}  // namespace sandbox::notify

#endif  // LIB_NOTIFY_OBSERVATION_H_
