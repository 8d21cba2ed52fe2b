#include "lib/overlay/xattrs.h"

#include <cerrno>
#include <vector>

#include <sys/stat.h>
#include <sys/xattr.h>

#include "absl/strings/match.h"
#include "lib/base/status.h"
#include "lib/overlay/directory.h"

namespace sandbox::overlay {
namespace {

constexpr char kOverlayPrefix[] = "user.overlay.";
constexpr char kCapability[] = "security.capability";

bool IsContent(absl::string_view name) {
  return (absl::StartsWith(name, "user.") && !absl::StartsWith(name, kOverlayPrefix)) ||
         absl::StartsWith(name, "system.posix_acl_");
}

// Runs `call` (0 or an errno), a second time with u+rw when it was refused and that may be forced.
template <typename Call>
int WithAccess(int fd, Permission permission, const Call& call) {
  const int err = call();
  if (err != EACCES || permission == Permission::kAsIs) return err;
  struct stat info = {};
  if (fstat(fd, &info) != 0) return errno;
  const std::string path = ProcPath(fd);
  const mode_t mode = info.st_mode & 07777U;
  if (chmod(path.c_str(), mode | 0600) != 0) return EACCES;
  const int second = call();
  if (chmod(path.c_str(), mode) != 0) return errno;
  return second;
}

absl::StatusOr<std::vector<std::string>> ListXattrs(int fd) {
  const std::string path = ProcPath(fd);
  std::vector<char> buffer(1024);
  while (true) {
    const ssize_t size = listxattr(path.c_str(), buffer.data(), buffer.size());
    if (size < 0) {
      if (errno == EOPNOTSUPP) return std::vector<std::string>();
      if (errno != ERANGE || buffer.size() > (1U << 20)) return ErrnoError(errno, "listxattr");
      buffer.resize(buffer.size() * 8);
      continue;
    }
    std::vector<std::string> names;
    for (const char* at = buffer.data(); at < buffer.data() + size;) {
      names.emplace_back(at);
      at += names.back().size() + 1;
    }
    return names;
  }
}

}  // namespace

absl::StatusOr<std::optional<std::string>> GetXattr(int fd, const std::string& name,
                                                    Permission permission) {
  const std::string path = ProcPath(fd);
  std::string value(1024, '\0');
  const auto read = [&]() {
    while (true) {
      const ssize_t size = getxattr(path.c_str(), name.c_str(), value.data(), value.size());
      if (size >= 0) {
        value.resize(static_cast<size_t>(size));
        return 0;
      }
      if (errno != ERANGE || value.size() >= 65536) return errno;
      value.resize(65536);
    }
  };
  const int err = WithAccess(fd, permission, read);
  if (err == ENODATA || err == EOPNOTSUPP) return std::optional<std::string>();
  if (err != 0) return ErrnoError(err, "getxattr", name);
  return std::optional<std::string>(std::move(value));
}

absl::StatusOr<Xattrs> ContentXattrs(int fd, Permission permission) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListXattrs(fd));
  Xattrs found;
  for (const std::string& name : names) {
    if (!IsContent(name)) continue;
    ASSIGN_OR_RETURN(std::optional<std::string> value, GetXattr(fd, name, permission));
    if (value.has_value()) found.emplace(name, *std::move(value));
  }
  return found;
}

absl::Status SetContentXattrs(int to, const Xattrs& wanted) {
  ASSIGN_OR_RETURN(const Xattrs present, ContentXattrs(to, Permission::kForce));
  const std::string path = ProcPath(to);
  for (const auto& [name, value] : present) {
    if (wanted.count(name) != 0) continue;
    if (removexattr(path.c_str(), name.c_str()) != 0) {
      return ErrnoError(errno, "removexattr", name);
    }
  }
  for (const auto& [name, value] : wanted) {
    const auto old = present.find(name);
    if (old != present.end() && old->second == value) continue;
    if (setxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) != 0) {
      return ErrnoError(errno, "setxattr", name);
    }
  }
  return absl::OkStatus();
}

absl::Status StripXattrs(int fd, bool capability, bool* had_capability) {
  *had_capability = false;
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListXattrs(fd));
  const std::string path = ProcPath(fd);
  for (const std::string& name : names) {
    const bool is_capability = name == kCapability;
    if (!absl::StartsWith(name, kOverlayPrefix) && !(is_capability && capability)) continue;
    const int err = WithAccess(fd, Permission::kForce, [&] {
      return removexattr(path.c_str(), name.c_str()) == 0 ? 0 : errno;
    });
    if (err != 0 && err != ENODATA) return ErrnoError(err, "removexattr", name);
    if (is_capability) *had_capability = true;
  }
  return absl::OkStatus();
}

absl::Status CheckKeepsXattrs(int dir_fd) {
  constexpr char kTried[] = "user.overlay.tried";
  const std::string path = ProcPath(dir_fd);
  if (setxattr(path.c_str(), kTried, "y", 1, 0) != 0 || removexattr(path.c_str(), kTried) != 0) {
    return ErrnoError(errno, "setxattr", kTried);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> IsOpaque(int dir_fd) {
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   GetXattr(dir_fd, "user.overlay.opaque", Permission::kForce));
  return value.has_value() && *value == "y";
}

}  // namespace sandbox::overlay
