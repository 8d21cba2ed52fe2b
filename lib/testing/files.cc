#include "lib/testing/files.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::testing {
namespace {

int OpenUp(const char* path, const struct stat*, int type, FTW*) {
  if (type == FTW_D || type == FTW_DNR) chmod(path, 0700);
  return 0;
}

int RemoveOne(const char* path, const struct stat*, int, FTW*) {
  remove(path);
  return 0;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(absl::string_view path) {
  const std::string name(path);
  const UniqueFd fd(open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.ok()) return ErrnoError(errno, "open", name);
  std::string content;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t size = read(fd.get(), buffer, sizeof(buffer));
    if (size == 0) return content;
    if (size < 0) {
      if (errno == EINTR) continue;
      return ErrnoError(errno, "read", name);
    }
    content.append(buffer, static_cast<size_t>(size));
  }
}

absl::Status WriteFile(absl::string_view path, absl::string_view content) {
  const std::string name(path);
  const UniqueFd fd(open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd.ok()) return ErrnoError(errno, "open", name);
  const int err = WriteAllSignalSafe(fd.get(), content.data(), content.size());
  return err == 0 ? absl::OkStatus() : ErrnoError(err, "write", name);
}

absl::StatusOr<TempDir> TempDir::Make(absl::string_view name, bool for_everyone) {
  const char* top = for_everyone ? nullptr : getenv("TEST_TMPDIR");
  std::string path = absl::StrCat(top == nullptr ? "/tmp" : top, "/", name, ".XXXXXX");
  if (mkdtemp(path.data()) == nullptr) return ErrnoError(errno, "mkdtemp", path);
  if (for_everyone && chmod(path.c_str(), 0777) != 0) return ErrnoError(errno, "chmod", path);
  return TempDir(std::move(path));
}

TempDir::~TempDir() {
  if (path_.empty()) return;
  // The first walk opens what the second descends into.
  nftw(path_.c_str(), OpenUp, 16, FTW_PHYS | FTW_MOUNT);
  nftw(path_.c_str(), OpenUp, 16, FTW_PHYS | FTW_MOUNT);
  nftw(path_.c_str(), RemoveOne, 16, FTW_PHYS | FTW_MOUNT | FTW_DEPTH);
}

std::string TempDir::operator/(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

}  // namespace sandbox::testing
