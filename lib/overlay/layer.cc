#include "lib/overlay/layer.h"

#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"
#include "lib/overlay/xattrs.h"

namespace sandbox::overlay {
namespace {

constexpr int kDirectory = O_PATH | O_DIRECTORY | O_CLOEXEC;
constexpr int kAttempts = 16;

absl::StatusOr<UniqueFd> OpenDirectory(const std::string& path) {
  UniqueFd fd(open(path.c_str(), kDirectory));
  if (!fd.ok()) return ErrnoError(errno, "open", path);
  return fd;
}

absl::StatusOr<std::string> PathOf(int fd) {
  std::string path(65536, '\0');
  const ssize_t size = readlink(ProcPath(fd).c_str(), path.data(), path.size());
  if (size < 0) return ErrnoError(errno, "readlink", ProcPath(fd));
  path.resize(static_cast<size_t>(size));
  return path;
}

absl::StatusOr<uint64_t> MountIdOf(int fd) {
  struct statx info = {};
  if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) != 0) return ErrnoError(errno, "statx");
  if ((info.stx_mask & STATX_MNT_ID) == 0) {
    return absl::UnimplementedError("statx: the kernel reports no mount id (needs Linux 5.8)");
  }
  return info.stx_mnt_id;
}

// Whether `dir` is `ancestor` or beneath it, by walking up.
absl::StatusOr<bool> IsWithin(int dir, Identity ancestor) {
  ASSIGN_OR_RETURN(UniqueFd at, DupFd(dir));
  while (true) {
    ASSIGN_OR_RETURN(const struct stat info, StatFd(at.get()));
    if (IdentityOf(info) == ancestor) return true;
    ASSIGN_OR_RETURN(const uint64_t mount, MountIdOf(at.get()));
    UniqueFd up(openat(at.get(), "..", kDirectory));
    if (!up.ok()) return ErrnoError(errno, "openat", "..");
    ASSIGN_OR_RETURN(const struct stat above, StatFd(up.get()));
    ASSIGN_OR_RETURN(const uint64_t mount_above, MountIdOf(up.get()));
    if (IdentityOf(above) == IdentityOf(info) && mount_above == mount) return false;  // the root
    at = std::move(up);
  }
}

// Opens an absolute path, making what is missing of it.
absl::StatusOr<UniqueFd> MakeStorage(const std::string& path) {
  if (!absl::StartsWith(path, "/")) {
    return absl::InvalidArgumentError(absl::StrCat("storage ", path, " is no absolute path"));
  }
  ASSIGN_OR_RETURN(UniqueFd at, OpenDirectory("/"));
  for (const absl::string_view part : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    const std::string name(part);
    UniqueFd next(openat(at.get(), name.c_str(), kDirectory));
    if (!next.ok() && errno == ENOENT) {
      if (mkdirat(at.get(), name.c_str(), 0700) != 0 && errno != EEXIST) {
        return ErrnoError(errno, "mkdir", path);
      }
      next.reset(openat(at.get(), name.c_str(), kDirectory));
    }
    if (!next.ok()) return ErrnoError(errno, "open", path);
    at = std::move(next);
  }
  return at;
}

// The parent, when the work directory is a plain entry of it; nullopt for a mount point or root.
absl::StatusOr<std::optional<UniqueFd>> OpenParent(int workdir) {
  UniqueFd parent(openat(workdir, "..", kDirectory));
  if (!parent.ok()) {
    if (errno == EACCES) return std::optional<UniqueFd>();
    return ErrnoError(errno, "openat", "..");
  }
  ASSIGN_OR_RETURN(const struct stat inner, StatFd(workdir));
  ASSIGN_OR_RETURN(const struct stat outer, StatFd(parent.get()));
  ASSIGN_OR_RETURN(const uint64_t inner_mount, MountIdOf(workdir));
  ASSIGN_OR_RETURN(const uint64_t outer_mount, MountIdOf(parent.get()));
  if (inner.st_dev != outer.st_dev || inner_mount != outer_mount ||
      inner.st_ino == outer.st_ino) {
    return std::optional<UniqueFd>();
  }
  return std::optional<UniqueFd>(std::move(parent));
}

struct Made {
  std::string name;
  UniqueFd layer;
  UniqueFd owner;
};

// Makes LAYER and takes its lock. nullopt when a sweeper took it for dead in between.
absl::StatusOr<std::optional<Made>> TryMake(int storage) {
  ASSIGN_OR_RETURN(const std::string random, RandomHex());
  Made made = {absl::StrCat(kLayerPrefix, random), UniqueFd(), UniqueFd()};
  if (mkdirat(storage, made.name.c_str(), 0700) != 0) {
    if (errno == EEXIST) return std::optional<Made>();
    return ErrnoError(errno, "mkdir", made.name);
  }
  absl::Cleanup undo = [&] {
    if (made.owner.ok()) unlinkat(made.layer.get(), "owner", 0);
    unlinkat(storage, made.name.c_str(), AT_REMOVEDIR);
  };
  made.layer.reset(openat(storage, made.name.c_str(), kDirectory | O_NOFOLLOW));
  if (!made.layer.ok()) {
    if (errno == ENOENT) return std::optional<Made>();
    return ErrnoError(errno, "open", made.name);
  }
  // A default ACL of the parent would be inherited by all that is made below.
  const std::string path = ProcPath(made.layer.get());
  removexattr(path.c_str(), "system.posix_acl_default");
  removexattr(path.c_str(), "system.posix_acl_access");
  if (chmod(path.c_str(), 0700) != 0) return ErrnoError(errno, "chmod", made.name);
  made.owner.reset(
      openat(made.layer.get(), "owner", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!made.owner.ok()) {
    if (errno == ENOENT) return std::optional<Made>();
    return ErrnoError(errno, "open", made.name + "/owner");
  }
  if (flock(made.owner.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::optional<Made>();
    return ErrnoError(errno, "flock", made.name + "/owner");
  }
  ASSIGN_OR_RETURN(const struct stat owner, StatFd(made.owner.get()));
  if (owner.st_nlink == 0) return std::optional<Made>();
  if (const absl::Status kept = CheckKeepsXattrs(made.layer.get()); !kept.ok()) {
    return Annotate(kept, "a layer needs a filesystem that keeps user attributes");
  }
  std::move(undo).Cancel();
  return std::optional<Made>(std::move(made));
}

absl::StatusOr<Made> Make(int storage) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    ASSIGN_OR_RETURN(std::optional<Made> made, TryMake(storage));
    if (made.has_value()) return *std::move(made);
  }
  return absl::AbortedError("every new layer directory was taken away at once");
}

// Removes a layer whose lock is held. The owner file goes last, so that a removal that was killed
// leaves what SweepDead() can take up.
absl::Status RemoveLayer(int storage, const std::string& name, int layer) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListNames(layer));
  for (const std::string& entry : names) {
    if (entry != "owner") RETURN_IF_ERROR(RemoveTree(layer, entry));
  }
  RETURN_IF_ERROR(RemoveTree(layer, "owner"));
  if (unlinkat(storage, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
    return ErrnoError(errno, "rmdir", name);
  }
  return absl::OkStatus();
}

bool IsLayerName(absl::string_view name) {
  constexpr size_t kPrefixSize = sizeof(kLayerPrefix) - 1;
  return name.size() == kPrefixSize + 16 && absl::StartsWith(name, kLayerPrefix) &&
         name.substr(kPrefixSize).find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

// True when the layer was dead and is removed.
absl::StatusOr<bool> SweepOne(int storage, const std::string& name) {
  ASSIGN_OR_RETURN(const std::optional<struct stat> info, StatEntry(storage, name));
  if (!info.has_value() || !S_ISDIR(info->st_mode) || info->st_uid != geteuid()) return false;
  const absl::StatusOr<UniqueFd> layer = OpenEntry(storage, name, O_PATH | O_DIRECTORY);
  if (!layer.ok()) {
    if (GetErrno(layer.status()) == ENOENT) return false;
    return layer.status();
  }
  ASSIGN_OR_RETURN(const struct stat opened, StatFd(layer->get()));
  if (opened.st_uid != geteuid()) return false;
  const absl::StatusOr<UniqueFd> owner = OpenEntry(layer->get(), "owner", O_RDONLY | O_NONBLOCK);
  if (!owner.ok()) {
    if (GetErrno(owner.status()) != ENOENT) return owner.status();
    // Being made, or removed but for the directory: only an empty one may go.
    if (unlinkat(storage, name.c_str(), AT_REMOVEDIR) == 0) return true;
    if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT) return false;
    return ErrnoError(errno, "rmdir", name);
  }
  if (flock(owner->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    return ErrnoError(errno, "flock", name);
  }
  ASSIGN_OR_RETURN(const struct stat locked, StatFd(owner->get()));
  if (locked.st_nlink == 0) return false;
  ASSIGN_OR_RETURN(const std::optional<struct stat> kept, StatEntry(layer->get(), "kept"));
  if (kept.has_value()) return false;
  RETURN_IF_ERROR(RemoveLayer(storage, name, layer->get()));
  return true;
}

}  // namespace

absl::StatusOr<Layer> Layer::Create(const std::string& workdir_path, const LayerOptions& options) {
  Layer made;
  ASSIGN_OR_RETURN(made.workdir_, OpenDirectory(workdir_path));
  ASSIGN_OR_RETURN(made.workdir_path_, PathOf(made.workdir_.get()));
  ASSIGN_OR_RETURN(const struct stat workdir, StatFd(made.workdir_.get()));
  made.workdir_identity_ = IdentityOf(workdir);

  const auto use = [&](UniqueFd storage) -> absl::Status {
    ASSIGN_OR_RETURN(const bool within, IsWithin(storage.get(), made.workdir_identity_));
    if (within) {
      return absl::InvalidArgumentError(absl::StrCat(
          "layers cannot live beneath the work directory ", made.workdir_path_));
    }
    ASSIGN_OR_RETURN(const std::string path, PathOf(storage.get()));
    absl::StatusOr<Made> entry = Make(storage.get());
    if (!entry.ok()) return Annotate(entry.status(), path);
    made.path_ = absl::StrCat(path == "/" ? "" : path, "/", entry->name);
    made.name_ = entry->name;
    made.layer_ = std::move(entry->layer);
    made.owner_ = std::move(entry->owner);
    made.storage_ = std::move(storage);
    return absl::OkStatus();
  };

  if (!options.storage.empty()) {
    ASSIGN_OR_RETURN(UniqueFd storage, OpenDirectory(options.storage));
    RETURN_IF_ERROR(use(std::move(storage)));
  } else {
    ASSIGN_OR_RETURN(std::optional<UniqueFd> parent, OpenParent(made.workdir_.get()));
    absl::Status sibling = absl::FailedPreconditionError(
        absl::StrCat("no layer can live beside ", made.workdir_path_, ": it is a mount point"));
    const bool has_parent = parent.has_value();
    if (has_parent) sibling = use(*std::move(parent));
    if (!sibling.ok()) {
      const int err = GetErrno(sibling);
      const bool elsewhere = !has_parent || err == EACCES || err == EPERM || err == EROFS ||
                             err == EOPNOTSUPP;
      if (!elsewhere || options.fallback_storage.empty()) return sibling;
      ASSIGN_OR_RETURN(UniqueFd fallback, MakeStorage(options.fallback_storage));
      RETURN_IF_ERROR(use(std::move(fallback)));
    }
  }
  if (const absl::Status status = made.Populate(); !status.ok()) {
    made.Discard().IgnoreError();  // the first error is the one to tell
    return status;
  }
  return made;
}

absl::Status Layer::Populate() {
  ASSIGN_OR_RETURN(const struct stat layer, StatFd(layer_.get()));
  layer_identity_ = IdentityOf(layer);
  for (const char* const name : {"upper", "work"}) {
    if (mkdirat(layer_.get(), name, 0700) != 0) return ErrnoError(errno, "mkdir", name);
  }
  ASSIGN_OR_RETURN(upper_, OpenEntry(layer_.get(), "upper", O_PATH | O_DIRECTORY));
  ASSIGN_OR_RETURN(work_, OpenEntry(layer_.get(), "work", O_PATH | O_DIRECTORY));
  ASSIGN_OR_RETURN(const struct stat work, StatFd(work_.get()));
  work_identity_ = IdentityOf(work);

  ASSIGN_OR_RETURN(const struct stat workdir, StatFd(workdir_.get()));
  const std::string upper = ProcPath(upper_.get());
  // A work directory of somebody else's: the owner cannot be had, the group perhaps. What differs
  // here from the start is not the command's change (see initial()).
  if (chown(upper.c_str(), workdir.st_uid, workdir.st_gid) != 0 &&
      chown(upper.c_str(), static_cast<uid_t>(-1), workdir.st_gid) != 0 && errno != EPERM) {
    return ErrnoError(errno, "chown", upper_path());
  }
  if (chmod(upper.c_str(), 0700) != 0) return ErrnoError(errno, "chmod", upper_path());
  ASSIGN_OR_RETURN(const Xattrs xattrs, ContentXattrs(workdir_.get(), Permission::kAsIs));
  RETURN_IF_ERROR(SetContentXattrs(upper_.get(), xattrs));
  const struct timespec times[2] = {workdir.st_atim, workdir.st_mtim};
  if (utimensat(AT_FDCWD, upper.c_str(), times, 0) != 0) {
    return ErrnoError(errno, "utimensat", upper_path());
  }
  if (chmod(upper.c_str(), workdir.st_mode & 07777U) != 0) {
    return ErrnoError(errno, "chmod", upper_path());
  }
  ASSIGN_OR_RETURN(initial_, StatFd(upper_.get()));
  return absl::OkStatus();
}

absl::Status Layer::Discard() {
  if (!layer_.ok()) return absl::OkStatus();
  const absl::Status status = RemoveLayer(storage_.get(), name_, layer_.get());
  if (!status.ok()) return Annotate(status, path_);
  upper_.reset();
  work_.reset();
  layer_.reset();
  owner_.reset();
  return absl::OkStatus();
}

absl::Status Layer::Keep() {
  UniqueFd kept(openat(layer_.get(), "kept", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                       0600));
  if (!kept.ok()) return ErrnoError(errno, "open", path_ + "/kept");
  const int err = WriteAllSignalSafe(kept.get(), workdir_path_.data(), workdir_path_.size());
  if (err != 0) return ErrnoError(err, "write", path_ + "/kept");
  if (fsync(kept.get()) != 0) return ErrnoError(errno, "fsync", path_ + "/kept");
  owner_.reset();
  return absl::OkStatus();
}

absl::StatusOr<int> SweepDead(const std::string& storage) {
  UniqueFd fd(open(storage.c_str(), kDirectory));
  if (!fd.ok()) {
    if (errno == ENOENT) return 0;
    return ErrnoError(errno, "open", storage);
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListNames(fd.get()));
  int removed = 0;
  absl::Status first;
  for (const std::string& name : names) {
    if (!IsLayerName(name)) continue;
    const absl::StatusOr<bool> swept = SweepOne(fd.get(), name);
    if (!swept.ok()) {
      first.Update(Annotate(swept.status(), absl::StrCat(storage, "/", name)));
    } else if (*swept) {
      ++removed;
    }
  }
  if (!first.ok()) return first;
  return removed;
}

}  // namespace sandbox::overlay
