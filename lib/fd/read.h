// Whole files and pipes as text, up to a bound.

#ifndef LIB_FD_READ_H_
#define LIB_FD_READ_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace sandbox {

// What `fd` has up to its end. Blocks as the descriptor does: a pipe until its writers have closed
// it. EINTR is retried. ErrnoError of read(2); InvalidArgument for more than `most` bytes. The caller
// keeps `fd`.
absl::StatusOr<std::string> ReadToEnd(int fd, size_t most);

// The same of the file at `path`; no terminal becomes the controlling one (open(2), O_NOCTTY).
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t most);

}  // namespace sandbox

#endif  // LIB_FD_READ_H_
