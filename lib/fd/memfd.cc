#include "lib/fd/memfd.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"

namespace sandbox {
namespace {

constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

}  // namespace

absl::StatusOr<UniqueFd> MakeSealedMemfd(const char* name, absl::string_view content) {
  UniqueFd fd(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.ok()) return ErrnoError(errno, "memfd_create", name);
  if (const int err = WriteAllSignalSafe(fd.get(), content.data(), content.size()); err != 0) {
    return ErrnoError(err, "write", name);
  }
  if (fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0) return ErrnoError(errno, "fcntl", "F_ADD_SEALS");
  return fd;
}

absl::StatusOr<std::string> ReadSealedMemfd(int fd, size_t max_bytes) {
  const int seals = fcntl(fd, F_GET_SEALS);
  if (seals < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("descriptor ", fd, errno == EBADF ? " is not open" : " is no memory file"));
  }
  if ((seals & kSeals) != kSeals) {
    return absl::InvalidArgumentError(absl::StrCat("descriptor ", fd, " is not sealed"));
  }
  struct stat info = {};
  if (fstat(fd, &info) != 0) return ErrnoError(errno, "fstat");
  const auto size = static_cast<size_t>(info.st_size);
  if (size > max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("descriptor ", fd, " holds ", size, " bytes; at most ", max_bytes));
  }
  std::string content(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t n = pread(fd, content.data() + done, size - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoError(errno, "pread");
    if (n == 0) return absl::InvalidArgumentError("memory file ends early");
    done += static_cast<size_t>(n);
  }
  return content;
}

}  // namespace sandbox
