#include "lib/overlay/entry.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/base/status.h"
#include "lib/overlay/directory.h"

namespace sandbox::overlay {
namespace {

constexpr size_t kBlock = size_t{128} * 1024;

// Reads until `block` is full or the file ends.
absl::StatusOr<size_t> ReadBlock(int fd, std::vector<char>& block) {
  size_t filled = 0;
  while (filled < block.size()) {
    const ssize_t got = read(fd, block.data() + filled, block.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError(errno, "read");
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  return filled;
}

absl::StatusOr<bool> HaveSameContent(int a, int b) {
  std::vector<char> block_a(kBlock);
  std::vector<char> block_b(kBlock);
  while (true) {
    ASSIGN_OR_RETURN(const size_t size_a, ReadBlock(a, block_a));
    ASSIGN_OR_RETURN(const size_t size_b, ReadBlock(b, block_b));
    if (size_a != size_b || memcmp(block_a.data(), block_b.data(), size_a) != 0) return false;
    if (size_a == 0) return true;
  }
}

absl::StatusOr<std::string> ReadLink(int dir_fd, const std::string& name) {
  std::string target(65536, '\0');
  const ssize_t size = readlinkat(dir_fd, name.c_str(), target.data(), target.size());
  if (size < 0) return ErrnoError(errno, "readlinkat", name);
  target.resize(static_cast<size_t>(size));
  return target;
}

absl::StatusOr<bool> IsSameFile(int upper_dir, int lower_dir, const std::string& name) {
  const absl::StatusOr<Xattrs> upper_xattrs = EntryXattrs(upper_dir, name, Permission::kForce);
  const absl::StatusOr<Xattrs> lower_xattrs = EntryXattrs(lower_dir, name, Permission::kAsIs);
  if (!upper_xattrs.ok()) return upper_xattrs.status();
  if (!lower_xattrs.ok() && GetErrno(lower_xattrs.status()) == EACCES) return false;
  if (!lower_xattrs.ok()) return lower_xattrs.status();
  if (*upper_xattrs != *lower_xattrs) return false;
  // O_NONBLOCK: should the entry have become a FIFO since it was looked at.
  const absl::StatusOr<UniqueFd> a = OpenEntry(upper_dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  const absl::StatusOr<UniqueFd> b = OpenEntry(lower_dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  for (const absl::Status& status : {a.status(), b.status()}) {
    if (GetErrno(status) == EACCES) return false;
    RETURN_IF_ERROR(status);
  }
  return HaveSameContent(a->get(), b->get());
}

}  // namespace

absl::StatusOr<bool> IsWhiteout(int upper_dir, const std::string& name, const struct stat& upper) {
  if (S_ISCHR(upper.st_mode)) return upper.st_rdev == makedev(0, 0);
  if (!S_ISREG(upper.st_mode) || upper.st_size != 0) return false;
  ASSIGN_OR_RETURN(const UniqueFd fd, OpenEntry(upper_dir, name, O_PATH));
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   GetXattr(fd.get(), "user.overlay.whiteout", Permission::kForce));
  return value.has_value();
}

bool IsDevice(const struct stat& upper) {
  return S_ISBLK(upper.st_mode) || (S_ISCHR(upper.st_mode) && upper.st_rdev != makedev(0, 0));
}

absl::StatusOr<Xattrs> EntryXattrs(int dir_fd, const std::string& name, Permission permission) {
  ASSIGN_OR_RETURN(const UniqueFd fd, OpenEntry(dir_fd, name, O_PATH));
  return ContentXattrs(fd.get(), permission);
}

absl::StatusOr<bool> IsSameEntry(int upper_dir, const struct stat& upper, int lower_dir,
                                 const struct stat& lower, const std::string& name) {
  if (upper.st_mode != lower.st_mode || upper.st_uid != lower.st_uid ||
      upper.st_gid != lower.st_gid || upper.st_rdev != lower.st_rdev || upper.st_nlink != 1 ||
      upper.st_mtim.tv_sec != lower.st_mtim.tv_sec ||
      upper.st_mtim.tv_nsec != lower.st_mtim.tv_nsec) {
    return false;
  }
  if (S_ISREG(upper.st_mode)) {
    if (upper.st_size != lower.st_size) return false;
    return IsSameFile(upper_dir, lower_dir, name);
  }
  if (S_ISLNK(upper.st_mode)) {
    ASSIGN_OR_RETURN(const std::string upper_target, ReadLink(upper_dir, name));
    ASSIGN_OR_RETURN(const std::string lower_target, ReadLink(lower_dir, name));
    return upper_target == lower_target;
  }
  return true;
}

}  // namespace sandbox::overlay
