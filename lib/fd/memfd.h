// Sealed memory files: frozen data that crosses an exec.

#ifndef LIB_FD_MEMFD_H_
#define LIB_FD_MEMFD_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/fd/unique_fd.h"

namespace sandbox {

// A memfd named `name` (for /proc only) that holds `content` and can neither change, grow, shrink
// nor be unsealed. Close-on-exec. memfd_create(2), fcntl(2) F_ADD_SEALS.
absl::StatusOr<UniqueFd> MakeSealedMemfd(const char* name, absl::string_view content);

// The content of a memfd that is sealed as MakeSealedMemfd() does. `fd` is borrowed.
// InvalidArgument when it is no memfd, a seal is missing, or it is larger than `max_bytes`: all of
// it is checked before anything is read.
absl::StatusOr<std::string> ReadSealedMemfd(int fd, size_t max_bytes);

}  // namespace sandbox

#endif  // LIB_FD_MEMFD_H_
