#include "lib/fd/read.h"

#include <cerrno>
#include <fcntl.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"

namespace sandbox {
namespace {

constexpr size_t kMiB = 1 << 20;

}  // namespace

absl::StatusOr<std::string> ReadToEnd(int fd, size_t most) {
  std::string text(most + 1, '\0');
  int err = 0;
  const ptrdiff_t size = ReadAllSignalSafe(fd, text.data(), text.size(), &err);
  if (size < 0) return ErrnoError(err, "read");
  if (static_cast<size_t>(size) > most) {
    return absl::InvalidArgumentError(
        most % kMiB == 0 ? absl::StrCat("is larger than ", most / kMiB, " MiB")
                         : absl::StrCat("is larger than ", most, " bytes"));
  }
  text.resize(static_cast<size_t>(size));
  return text;
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t most) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd.ok()) return ErrnoError(errno, "open", path);
  return ReadToEnd(fd.get(), most);
}

}  // namespace sandbox
