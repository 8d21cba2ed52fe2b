#include "lib/overlay/cleanse.h"

#include <cerrno>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/overlay/directory.h"
#include "lib/overlay/entry.h"
#include "lib/overlay/xattrs.h"

namespace sandbox::overlay {
namespace {

absl::Status CleanseFile(int dir_fd, const std::string& name, const struct stat& info,
                         absl::string_view path, std::vector<std::string>* dropped) {
  if (!S_ISREG(info.st_mode)) return absl::OkStatus();
  const bool is_root = geteuid() == 0;
  ASSIGN_OR_RETURN(const UniqueFd fd, OpenEntry(dir_fd, name, O_PATH));
  bool drop = false;
  RETURN_IF_ERROR(StripXattrs(fd.get(), is_root, &drop));
  if (is_root && (info.st_mode & (S_ISUID | S_ISGID)) != 0) {
    if (chmod(ProcPath(fd.get()).c_str(), info.st_mode & 01777U) != 0) {
      return ErrnoError(errno, "chmod");
    }
    drop = true;
  }
  if (drop) dropped->emplace_back(path);
  return absl::OkStatus();
}

struct Level {
  std::vector<std::string> names;
  size_t next = 0;
  size_t path_size = 0;
  struct stat info = {};
  bool touched = false;  // a whiteout was removed: the time needs to be put back
};

class Cleanser {
 public:
  Cleanser(Trail trail, absl::string_view path, std::vector<std::string>* dropped)
      : trail_(std::move(trail)), path_(path), dropped_(dropped) {}

  absl::Status Run(const std::string& name, const struct stat& info) {
    const absl::Status status = Walk(name, info);
    trail_.Unwind();
    return status;
  }

 private:
  absl::Status Enter(const std::string& name, const struct stat& info) {
    RETURN_IF_ERROR(trail_.Enter(name));
    bool ignored = false;
    RETURN_IF_ERROR(StripXattrs(trail_.fd(), false, &ignored));
    ASSIGN_OR_RETURN(std::vector<std::string> names, ListNames(trail_.fd()));
    levels_.push_back({std::move(names), 0, path_.size(), info, false});
    return absl::OkStatus();
  }

  absl::Status Walk(const std::string& top, const struct stat& top_info) {
    RETURN_IF_ERROR(Enter(top, top_info));
    while (!levels_.empty()) {
      Level& level = levels_.back();
      path_.resize(level.path_size);
      if (level.next == level.names.size()) {
        RETURN_IF_ERROR(LeaveLevel(level));
        levels_.pop_back();
        continue;
      }
      const std::string name = std::move(level.names[level.next++]);
      absl::StrAppend(&path_, "/", name);
      ASSIGN_OR_RETURN(const std::optional<struct stat> info, StatEntry(trail_.fd(), name));
      if (!info.has_value()) continue;
      ASSIGN_OR_RETURN(const bool whiteout, IsWhiteout(trail_.fd(), name, *info));
      if (whiteout) {
        if (unlinkat(trail_.fd(), name.c_str(), 0) != 0) return ErrnoError(errno, "unlinkat", name);
        level.touched = true;
      } else if (IsDevice(*info)) {
        return absl::FailedPreconditionError("a device node in the layer");
      } else if (S_ISDIR(info->st_mode)) {
        RETURN_IF_ERROR(Enter(name, *info));
      } else {
        RETURN_IF_ERROR(CleanseFile(trail_.fd(), name, *info, path_, dropped_));
      }
    }
    return absl::OkStatus();
  }

  absl::Status LeaveLevel(const Level& level) {
    if (level.touched) {
      const struct timespec times[2] = {level.info.st_atim, level.info.st_mtim};
      if (utimensat(AT_FDCWD, ProcPath(trail_.fd()).c_str(), times, 0) != 0) {
        return ErrnoError(errno, "utimensat");
      }
    }
    return trail_.Leave();
  }

  Trail trail_;
  std::string path_;
  std::vector<std::string>* const dropped_;
  std::vector<Level> levels_;
};

}  // namespace

absl::Status Cleanse(int dir_fd, const std::string& name, absl::string_view path,
                     std::vector<std::string>* dropped) {
  ASSIGN_OR_RETURN(const std::optional<struct stat> info, StatEntry(dir_fd, name));
  if (!info.has_value()) return ErrnoError(ENOENT, "fstatat", name);
  if (IsDevice(*info)) return absl::FailedPreconditionError("a device node in the layer");
  if (!S_ISDIR(info->st_mode)) return CleanseFile(dir_fd, name, *info, path, dropped);
  ASSIGN_OR_RETURN(Trail trail,
                   Trail::Start(dir_fd, Trail::Access::kAsIs, Trail::Access::kForce));
  return Cleanser(std::move(trail), path, dropped).Run(name, *info);
}

}  // namespace sandbox::overlay
