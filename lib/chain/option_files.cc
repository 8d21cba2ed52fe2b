#include "lib/chain/option_files.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include "absl/status/status.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::chain {
namespace {

absl::StatusOr<std::string> ReadToEnd(int fd) {
  std::string text(cli::kMaxSourceSize + 1, '\0');
  int err = 0;
  const ptrdiff_t size = ReadAllSignalSafe(fd, text.data(), text.size(), &err);
  if (size < 0) return ErrnoError(err, "read");
  if (static_cast<size_t>(size) > cli::kMaxSourceSize) {
    return absl::InvalidArgumentError("has more than 1 MiB");
  }
  text.resize(static_cast<size_t>(size));
  return text;
}

}  // namespace

absl::StatusOr<std::string> OptionFiles::ReadFile(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd.ok()) return ErrnoError(errno, "open");
  return ReadToEnd(fd.get());
}

absl::StatusOr<std::string> OptionFiles::ReadDescriptor(int fd) {
  const absl::StatusOr<std::string> text = ReadToEnd(fd);
  if (text.ok() && fd > STDERR_FILENO) close(fd);
  return text;
}

}  // namespace sandbox::chain
