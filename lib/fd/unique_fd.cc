#include "lib/fd/unique_fd.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/check.h"
#include "lib/base/status.h"

namespace sandbox {

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) {
    CHECK(fd != fd_);
    const int saved = errno;
    close(fd_);
    errno = saved;
  }
  fd_ = fd < 0 ? -1 : fd;
}

absl::StatusOr<UniqueFd> UniqueFd::Dup() const { return DupFd(fd_); }

absl::StatusOr<UniqueFd> DupFd(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!copy.ok()) return ErrnoError(errno, "fcntl", "F_DUPFD_CLOEXEC");
  return copy;
}

}  // namespace sandbox
