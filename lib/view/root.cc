#include "lib/view/root.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <linux/mount.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lib/base/status.h"
#include "lib/sys/mount.h"

namespace sandbox::view {
namespace {

// mount(2)'s own bits; its header clashes with linux/mount.h.
constexpr uint64_t kMountNoSuid = 2;
constexpr uint64_t kMountNoDev = 4;
constexpr uint64_t kMountBind = 4096;

absl::Status MakeDirectories(const std::string& path);

// Calls `make` (0, or -1 with errno), and once more with the parent of `path` made where that is
// missing. What is there already is as good.
template <typename Make>
absl::Status MakeAt(const std::string& path, absl::string_view call, const Make& make) {
  if (make() == 0 || errno == EEXIST) return absl::OkStatus();
  if (errno != ENOENT) return ErrnoError(errno, call, path);
  RETURN_IF_ERROR(MakeDirectories(path.substr(0, path.rfind('/'))));
  if (make() == 0 || errno == EEXIST) return absl::OkStatus();
  return ErrnoError(errno, call, path);
}

absl::Status MakeDirectories(const std::string& path) {
  return MakeAt(path, "mkdir", [&path] { return mkdir(path.c_str(), 0755); });
}

absl::StatusOr<UniqueFd> OpenDirectory(const std::string& path) {
  UniqueFd directory(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory.ok()) return ErrnoError(errno, "open", path);
  return directory;
}

absl::Status MountEmpty(const std::string& target, mode_t mode) {
  char options[32];
  snprintf(options, sizeof options, "mode=%o", mode);
  return sys::Mount("tmpfs", target, "tmpfs", kMountNoSuid | kMountNoDev, options);
}

}  // namespace

absl::StatusOr<Root> Root::Mount() {
  // The first that can carry it: everything was taken from the old root already.
  for (const char* path : {"/tmp", "/usr", "/var", "/etc"}) {
    struct stat info = {};
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)) continue;
    RETURN_IF_ERROR(MountEmpty(path, 0755));
    ASSIGN_OR_RETURN(UniqueFd mount, OpenDirectory(path));
    return Root(path, std::move(mount));
  }
  return absl::NotFoundError("no directory to mount the new root on");
}

absl::Status Root::MakeDirectory(const std::string& path) { return MakeDirectories(path_ + path); }

absl::Status Root::MakeLink(const std::string& path, const std::string& target) {
  const std::string link = path_ + path;
  return MakeAt(link, "symlink", [&] { return symlink(target.c_str(), link.c_str()); });
}

absl::Status Root::Attach(const Entry& entry) {
  const std::string target = entry.path == "/" ? path_ : path_ + entry.path;
  if (entry.type == S_IFDIR) {
    RETURN_IF_ERROR(MakeDirectories(target));
  } else {
    RETURN_IF_ERROR(MakeAt(target, "mknod",
                           [&target] { return mknod(target.c_str(), S_IFREG | 0600, 0); }));
  }
  switch (entry.kind) {
    case Entry::kTree:
      return sys::AttachTree(entry.tree.get(), target);
    case Entry::kDevice:
      return sys::Mount(entry.path, target, "", kMountBind);
    case Entry::kMask:
      if (entry.type != S_IFDIR) return CoverFile(target);
      masks_.push_back(target);
      return MountEmpty(target, entry.mode);
    case Entry::kPlain:
    case Entry::kPrivate:
      break;
  }
  if (entry.on_grant) return MountEmpty(target, entry.mode);
  if (chmod(target.c_str(), entry.mode) != 0) return ErrnoError(errno, "chmod", target);
  if (entry.kind == Entry::kPlain) return absl::OkStatus();
  return sys::Mount(target, target, "", kMountBind);  // apart from the root, when that is sealed
}

// Covers `target`, no directory, with an empty file that nobody can open. It is made in the root,
// bound, and unlinked at once.
absl::Status Root::CoverFile(const std::string& target) {
  // Not by path_: what is seen there may be the host's.
  const std::string path = absl::StrCat("/proc/self/fd/", mount_.get(), "/.mask");
  const UniqueFd file(open(path.c_str(), O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0));
  if (!file.ok()) return ErrnoError(errno, "open", path);
  const auto tree = sys::CloneTree(path);
  absl::Status status = tree.status();
  if (status.ok()) {
    status = sys::SetTreeAttributes(tree->get(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                                     MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC);
  }
  if (status.ok()) status = sys::AttachTree(tree->get(), target);
  if (unlink(path.c_str()) != 0 && status.ok()) status = ErrnoError(errno, "unlink", path);
  return status;
}

absl::Status Root::Seal() {
  for (const std::string& path : masks_) {
    ASSIGN_OR_RETURN(const UniqueFd mask, OpenDirectory(path));
    RETURN_IF_ERROR(sys::SetMountAttributes(mask.get(), MOUNT_ATTR_RDONLY));
  }
  return sys::SetMountAttributes(mount_.get(), MOUNT_ATTR_RDONLY);
}

}  // namespace sandbox::view
