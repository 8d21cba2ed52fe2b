// The child's side of command.h: what happens between fork and exec.

#ifndef LIB_TESTING_LAUNCH_H_
#define LIB_TESTING_LAUNCH_H_

#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/testing/command.h"

namespace sandbox::testing {

// Starts `spec` with each of `descriptors`, pairs of (the caller's, the child's number), in place.
// Returns when the program has been exec'd; else the errno of the call that failed in the child.
absl::StatusOr<pid_t> Launch(const CommandSpec& spec,
                             const std::vector<std::pair<int, int>>& descriptors);

}  // namespace sandbox::testing

#endif  // LIB_TESTING_LAUNCH_H_
