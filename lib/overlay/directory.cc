#include "lib/overlay/directory.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "lib/base/check.h"
#include "lib/base/status.h"

namespace sandbox::overlay {
namespace {

constexpr int kDirectory = O_PATH | O_DIRECTORY | O_NOFOLLOW;

}  // namespace

std::string ProcPath(int fd) { return absl::StrCat("/proc/self/fd/", fd); }

absl::StatusOr<UniqueFd> OpenEntry(int dir_fd, const std::string& name, int flags) {
  struct open_how how = {};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC | O_NOFOLLOW;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
  // A symbolic link itself can be had with O_PATH | O_NOFOLLOW: it is the last component.
  if ((flags & O_PATH) != 0) how.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV;
  // RESOLVE_BENEATH may ask for another try when something is renamed meanwhile.
  for (int attempt = 0; attempt < 100; ++attempt) {
    const long fd = syscall(SYS_openat2, dir_fd, name.c_str(), &how, sizeof(how));
    if (fd >= 0) return UniqueFd(static_cast<int>(fd));
    if (errno != EAGAIN && errno != EINTR) break;
  }
  return ErrnoError(errno, "openat2", name);
}

absl::StatusOr<struct stat> StatFd(int fd) {
  struct stat info = {};
  if (fstat(fd, &info) != 0) return ErrnoError(errno, "fstat");
  return info;
}

absl::StatusOr<std::optional<struct stat>> StatEntry(int dir_fd, const std::string& name) {
  struct stat info = {};
  if (fstatat(dir_fd, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::optional<struct stat>();
    return ErrnoError(errno, "fstatat", name);
  }
  return std::optional<struct stat>(info);
}

absl::StatusOr<std::vector<std::string>> ListNames(int dir_fd) {
  UniqueFd fd(openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok()) return ErrnoError(errno, "open", "directory");
  DIR* const dir = fdopendir(fd.get());
  if (dir == nullptr) return ErrnoError(errno, "fdopendir");
  (void)fd.release();  // closedir() closes it
  std::vector<std::string> names;
  int err = 0;
  while (true) {
    errno = 0;
    const struct dirent* const entry = readdir(dir);
    if (entry == nullptr) {
      err = errno;
      break;
    }
    const absl::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(dir);
  if (err != 0) return ErrnoError(err, "readdir");
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::string> RandomHex() {
  unsigned char bytes[8];
  ssize_t got = 0;
  do {
    got = getrandom(bytes, sizeof(bytes), 0);
  } while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(sizeof(bytes))) return ErrnoError(errno, "getrandom");
  std::string text;
  for (const unsigned char byte : bytes) {
    absl::StrAppend(&text, absl::Hex(byte, absl::kZeroPad2));
  }
  return text;
}

absl::StatusOr<Trail> Trail::Start(int dir_fd, Access of_start, Access beneath) {
  // Not by ".": that would need search permission.
  ASSIGN_OR_RETURN(UniqueFd fd, DupFd(dir_fd));
  Trail trail;
  trail.beneath_ = beneath;
  ASSIGN_OR_RETURN(trail.spare_, DupFd(dir_fd));
  RETURN_IF_ERROR(trail.Push(std::move(fd), of_start));
  return trail;
}

absl::Status Trail::Push(UniqueFd fd, Access access) {
  ASSIGN_OR_RETURN(const struct stat info, StatFd(fd.get()));
  Frame frame = {IdentityOf(info), info.st_mode & 07777U, false};
  if (access == Access::kForce && (frame.mode & 0700) != 0700) {
    if (chmod(ProcPath(fd.get()).c_str(), frame.mode | 0700) != 0) {
      // Not ours, but perhaps open to us by other bits or by a capability: go on, the next call
      // says whether.
      if (errno != EPERM) return ErrnoError(errno, "chmod");
    } else {
      frame.forced = true;
    }
  }
  frames_.push_back(frame);
  fd_ = std::move(fd);
  return absl::OkStatus();
}

absl::Status Trail::Enter(const std::string& name) {
  ASSIGN_OR_RETURN(UniqueFd next, OpenEntry(fd_.get(), name, kDirectory));
  return Push(std::move(next), beneath_);
}

absl::Status Trail::RestoreMode(int fd, const Frame& frame, std::optional<mode_t> mode) {
  if (!mode.has_value() && !frame.forced) return absl::OkStatus();
  if (chmod(ProcPath(fd).c_str(), mode.value_or(frame.mode)) != 0) {
    return ErrnoError(errno, "chmod");
  }
  return absl::OkStatus();
}

absl::Status Trail::Leave(std::optional<mode_t> mode) {
  CHECK(depth() > 0);
  UniqueFd parent(openat(fd_.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!parent.ok()) return ErrnoError(errno, "openat", "..");
  ASSIGN_OR_RETURN(const struct stat info, StatFd(parent.get()));
  if (IdentityOf(info) != frames_[frames_.size() - 2].identity) {
    return absl::AbortedError("a directory was moved while it was being walked");
  }
  const Frame left = frames_.back();
  const UniqueFd child = std::exchange(fd_, std::move(parent));
  frames_.pop_back();
  return RestoreMode(child.get(), left, mode);
}

absl::Status Trail::Finish(std::optional<mode_t> mode) {
  CHECK(depth() == 0);
  const absl::Status status = RestoreMode(fd_.get(), frames_.back(), mode);
  frames_.back().forced = false;
  return status;
}

void Trail::Unwind() {
  spare_.reset();
  while (depth() > 0) {
    if (const size_t before = depth(); !Leave().ok() && depth() == before) return;
  }
  Finish().IgnoreError();
}

absl::Status RemoveTree(int dir_fd, const std::string& name) {
  if (unlinkat(dir_fd, name.c_str(), 0) == 0 || errno == ENOENT) return absl::OkStatus();
  if (errno != EISDIR) return ErrnoError(errno, "unlinkat", name);
  ASSIGN_OR_RETURN(Trail trail, Trail::Start(dir_fd, Trail::Access::kAsIs, Trail::Access::kForce));

  struct Level {
    std::string name;                   // of this directory in the one above
    std::vector<std::string> children;  // still to be removed
  };
  std::vector<Level> levels;
  const auto enter = [&](const std::string& child) -> absl::Status {
    RETURN_IF_ERROR(trail.Enter(child));
    ASSIGN_OR_RETURN(std::vector<std::string> children, ListNames(trail.fd()));
    levels.push_back({child, std::move(children)});
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(enter(name));
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.children.empty()) {
      RETURN_IF_ERROR(trail.Leave());
      if (unlinkat(trail.fd(), level.name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
        return ErrnoError(errno, "rmdir", level.name);
      }
      levels.pop_back();
      continue;
    }
    const std::string child = std::move(level.children.back());
    level.children.pop_back();
    if (unlinkat(trail.fd(), child.c_str(), 0) == 0 || errno == ENOENT) continue;
    if (errno != EISDIR) return ErrnoError(errno, "unlinkat", child);
    if (unlinkat(trail.fd(), child.c_str(), AT_REMOVEDIR) == 0) continue;
    RETURN_IF_ERROR(enter(child));
  }
  return absl::OkStatus();
}

}  // namespace sandbox::overlay
