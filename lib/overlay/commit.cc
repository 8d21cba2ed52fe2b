#include "lib/overlay/commit.h"

#include <cerrno>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/overlay/changes.h"
#include "lib/overlay/cleanse.h"
#include "lib/overlay/copy_entry.h"
#include "lib/overlay/directory.h"
#include "lib/overlay/entry.h"
#include "lib/overlay/xattrs.h"

namespace sandbox::overlay {
namespace {

bool IsSameTime(const struct timespec& a, const struct timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

// What a directory in both shall look like when everything in it is done.
struct Look {
  mode_t mode = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  struct timespec times[2] = {};
  Xattrs xattrs;
  bool from_copy = false;  // made here, on another filesystem: the owner as permitted
};

// Applies everything but the mode to a directory that is owner-readable and -writable.
absl::Status ApplyLook(int dir, Look* look) {
  const std::string path = ProcPath(dir);
  ASSIGN_OR_RETURN(const struct stat now, StatFd(dir));
  if ((now.st_uid != look->uid || now.st_gid != look->gid) &&
      chown(path.c_str(), look->uid, look->gid) != 0) {
    if (errno != EPERM || !look->from_copy) return ErrnoError(errno, "chown");
    look->mode &= 01777U;
  }
  RETURN_IF_ERROR(SetContentXattrs(dir, look->xattrs));
  if (!IsSameTime(now.st_mtim, look->times[1]) &&
      utimensat(AT_FDCWD, path.c_str(), look->times, 0) != 0) {
    return ErrnoError(errno, "utimensat");
  }
  return absl::OkStatus();
}

class Committer {
 public:
  Committer(const Layer& layer, const struct stat& upper, const struct stat& workdir,
            Trail from, Trail to, CommitReport* report)
      : layer_(layer),
        root_upper_(upper),
        root_workdir_(workdir),
        from_(std::move(from)),
        to_(std::move(to)),
        report_(report) {}

  absl::Status Run() {
    const absl::Status status = Walk();
    if (status.ok()) return status;
    from_.Unwind();
    to_.Unwind();
    return Annotate(status, path_.empty() ? "." : EscapePath(path_));
  }

 private:
  struct Level {
    std::string name;
    std::vector<std::string> names;
    size_t next = 0;
    size_t path_size = 0;
    Look look;
  };

  absl::Status Walk() {
    RETURN_IF_ERROR(PushRoot());
    while (!levels_.empty()) {
      Level& level = levels_.back();
      path_.resize(level.path_size);
      if (level.next == level.names.size()) {
        RETURN_IF_ERROR(FinishLevel(level));
        levels_.pop_back();
        continue;
      }
      const std::string name = std::move(level.names[level.next++]);
      if (!path_.empty()) path_ += '/';
      path_ += name;
      RETURN_IF_ERROR(Visit(name));
    }
    return absl::OkStatus();
  }

  // The work directory itself: only what the command changed is applied, because the layer's root
  // may have differed from the start.
  absl::Status PushRoot() {
    const struct stat& was = layer_.initial();
    const struct stat& upper = root_upper_;
    const struct stat& workdir = root_workdir_;
    Level root;
    root.look.mode = (upper.st_mode != was.st_mode ? upper : workdir).st_mode & 07777U;
    root.look.uid = (upper.st_uid != was.st_uid ? upper : workdir).st_uid;
    root.look.gid = (upper.st_gid != was.st_gid ? upper : workdir).st_gid;
    root.look.times[0] = workdir.st_atim;
    root.look.times[1] = IsSameTime(upper.st_mtim, was.st_mtim) ? workdir.st_mtim : upper.st_mtim;
    ASSIGN_OR_RETURN(root.look.xattrs, ContentXattrs(from_.fd(), Permission::kForce));
    ASSIGN_OR_RETURN(root.names, ListNames(from_.fd()));
    levels_.push_back(std::move(root));
    return absl::OkStatus();
  }

  absl::Status FinishLevel(Level& level) {
    RETURN_IF_ERROR(ApplyLook(to_.fd(), &level.look));
    if (levels_.size() == 1) {
      RETURN_IF_ERROR(from_.Finish());
      const bool changed = (root_workdir_.st_mode & 07777U) != level.look.mode;
      return to_.Finish(changed ? std::optional<mode_t>(level.look.mode) : std::nullopt);
    }
    RETURN_IF_ERROR(to_.Leave(level.look.mode));
    RETURN_IF_ERROR(from_.Leave());
    if (unlinkat(from_.fd(), level.name.c_str(), AT_REMOVEDIR) != 0) {
      return ErrnoError(errno, "rmdir", level.name);
    }
    return absl::OkStatus();
  }

  absl::Status Visit(const std::string& name) {
    ASSIGN_OR_RETURN(const std::optional<struct stat> upper, StatEntry(from_.fd(), name));
    if (!upper.has_value()) return absl::AbortedError("the layer changed while it was committed");
    ASSIGN_OR_RETURN(const std::optional<struct stat> target, StatEntry(to_.fd(), name));
    ASSIGN_OR_RETURN(const bool whiteout, IsWhiteout(from_.fd(), name, *upper));
    if (whiteout) {
      if (target.has_value()) {
        RETURN_IF_ERROR(RemoveTree(to_.fd(), name));
        ++report_->removed;
      }
      return RemoveFromLayer(name);
    }
    return S_ISDIR(upper->st_mode) ? VisitDirectory(name, *upper, target)
                                   : VisitFile(name, *upper, target);
  }

  absl::Status VisitDirectory(const std::string& name, const struct stat& upper,
                              const std::optional<struct stat>& target) {
    bool opaque = false;
    {
      ASSIGN_OR_RETURN(const UniqueFd fd, OpenEntry(from_.fd(), name, O_PATH | O_DIRECTORY));
      ASSIGN_OR_RETURN(opaque, IsOpaque(fd.get()));
    }
    if (target.has_value() && S_ISDIR(target->st_mode) && !opaque) {
      return Descend(name, upper, false);
    }
    // The old one goes first and the mark after it: a commit that is interrupted in between finds
    // the same situation, or one with nothing left to remove.
    if (target.has_value()) RETURN_IF_ERROR(RemoveTree(to_.fd(), name));
    // Beneath a directory that had to be copied all is cleansed, and no rename can work.
    if (!levels_.back().look.from_copy) {
      RETURN_IF_ERROR(Cleanse(from_.fd(), name, path_, &report_->dropped_privileges));
      const absl::Status moved = MoveDirectory(name, upper);
      if (moved.ok()) {
        ++report_->replaced;
        return moved;
      }
      if (GetErrno(moved) != EXDEV) return moved;
    }
    if (mkdirat(to_.fd(), name.c_str(), 0700) != 0) return ErrnoError(errno, "mkdirat", name);
    ++report_->replaced;
    return Descend(name, upper, true);
  }

  // One rename. A directory that changes its parent must be writable itself.
  absl::Status MoveDirectory(const std::string& name, const struct stat& upper) {
    ASSIGN_OR_RETURN(const UniqueFd fd, OpenEntry(from_.fd(), name, O_PATH | O_DIRECTORY));
    const std::string path = ProcPath(fd.get());
    const mode_t mode = upper.st_mode & 07777U;
    const bool locked = (mode & 0700) != 0700;
    if (locked && chmod(path.c_str(), mode | 0700) != 0) return ErrnoError(errno, "chmod", name);
    const int err = renameat2(from_.fd(), name.c_str(), to_.fd(), name.c_str(), RENAME_NOREPLACE)
                        == 0 ? 0 : errno;
    if (locked && chmod(path.c_str(), mode) != 0) return ErrnoError(errno, "chmod", name);
    if (err != 0) return ErrnoError(err, "renameat2", name);
    return absl::OkStatus();
  }

  absl::Status Descend(const std::string& name, const struct stat& upper, bool from_copy) {
    RETURN_IF_ERROR(from_.Enter(name));
    RETURN_IF_ERROR(to_.Enter(name));
    Level level;
    level.name = name;
    level.path_size = path_.size();
    level.look.mode = upper.st_mode & 07777U;
    level.look.uid = upper.st_uid;
    level.look.gid = upper.st_gid;
    level.look.times[0] = upper.st_atim;
    level.look.times[1] = upper.st_mtim;
    level.look.from_copy = from_copy;
    ASSIGN_OR_RETURN(level.look.xattrs, ContentXattrs(from_.fd(), Permission::kForce));
    ASSIGN_OR_RETURN(level.names, ListNames(from_.fd()));
    levels_.push_back(std::move(level));
    return absl::OkStatus();
  }

  absl::Status VisitFile(const std::string& name, const struct stat& upper,
                         const std::optional<struct stat>& target) {
    if (target.has_value() && (target->st_mode & S_IFMT) == (upper.st_mode & S_IFMT)) {
      ASSIGN_OR_RETURN(const bool same,
                       IsSameEntry(from_.fd(), upper, to_.fd(), *target, name));
      // Two names of one file: a rename would do nothing and leave both.
      if (same || IdentityOf(upper) == IdentityOf(*target)) return RemoveFromLayer(name);
      if (S_ISREG(upper.st_mode) && target->st_nlink > 1) report_->broken_links.push_back(path_);
    }
    RETURN_IF_ERROR(Cleanse(from_.fd(), name, path_, &report_->dropped_privileges));
    if (target.has_value() && S_ISDIR(target->st_mode)) {
      RETURN_IF_ERROR(RemoveTree(to_.fd(), name));
    }
    ++report_->replaced;
    if (renameat(from_.fd(), name.c_str(), to_.fd(), name.c_str()) == 0) return absl::OkStatus();
    if (errno != EXDEV) return ErrnoError(errno, "renameat", name);
    return CopyFileOver(name);
  }

  absl::Status CopyFileOver(const std::string& name) {
    ASSIGN_OR_RETURN(const std::optional<struct stat> upper, StatEntry(from_.fd(), name));
    if (!upper.has_value()) return absl::AbortedError("the layer changed while it was committed");
    if (upper->st_nlink > 1 || copied_.count(upper->st_ino) != 0) {
      const auto first = copied_.find(upper->st_ino);
      if (first != copied_.end()) {
        RETURN_IF_ERROR(LinkOver(first->second, name));
        return RemoveFromLayer(name);
      }
      copied_.emplace(upper->st_ino, path_);
    }
    RETURN_IF_ERROR(CopyIntoPlace(from_.fd(), to_.fd(), name, *upper));
    return RemoveFromLayer(name);
  }

  // Makes `name` here another name of the file that was put in place at `first`.
  absl::Status LinkOver(const std::string& first, const std::string& name) {
    ASSIGN_OR_RETURN(UniqueFd at, DupFd(layer_.workdir_fd()));
    for (const absl::string_view part : absl::StrSplit(first, '/')) {
      ASSIGN_OR_RETURN(UniqueFd next, OpenEntry(at.get(), std::string(part), O_PATH));
      at = std::move(next);
    }
    ASSIGN_OR_RETURN(const std::string random, RandomHex());
    const std::string temp = absl::StrCat(kTemporaryPrefix, random);
    if (linkat(AT_FDCWD, ProcPath(at.get()).c_str(), to_.fd(), temp.c_str(), AT_SYMLINK_FOLLOW) !=
        0) {
      return ErrnoError(errno, "linkat", name);
    }
    if (renameat(to_.fd(), temp.c_str(), to_.fd(), name.c_str()) != 0) {
      const int err = errno;
      unlinkat(to_.fd(), temp.c_str(), 0);
      return ErrnoError(err, "renameat", name);
    }
    return absl::OkStatus();
  }

  absl::Status RemoveFromLayer(const std::string& name) {
    if (unlinkat(from_.fd(), name.c_str(), 0) != 0) return ErrnoError(errno, "unlinkat", name);
    return absl::OkStatus();
  }

  const Layer& layer_;
  const struct stat root_upper_;    // both as they were found, before a mode was forced
  const struct stat root_workdir_;
  Trail from_;
  Trail to_;
  CommitReport* const report_;
  std::string path_;
  std::vector<Level> levels_;
  std::map<ino_t, std::string> copied_;  // across filesystems: where files with more names are
};

}  // namespace

absl::Status Commit(const Layer& layer, CommitReport* report) {
  ASSIGN_OR_RETURN(const struct stat upper, StatFd(layer.upper_fd()));
  ASSIGN_OR_RETURN(const struct stat workdir, StatFd(layer.workdir_fd()));
  ASSIGN_OR_RETURN(Trail from, Trail::Start(layer.upper_fd(), Trail::Access::kForce,
                                            Trail::Access::kForce));
  absl::StatusOr<Trail> to = Trail::Start(layer.workdir_fd(), Trail::Access::kForce,
                                          Trail::Access::kForce);
  if (!to.ok()) {
    from.Unwind();
    return to.status();
  }
  return Committer(layer, upper, workdir, std::move(from), *std::move(to), report).Run();
}

}  // namespace sandbox::overlay
