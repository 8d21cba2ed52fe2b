#include "lib/sys/mount.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

// After linux/mount.h, whose enum of the same names it would clash with: declared here instead of
// including sys/mount.h.
extern "C" {
int mount(const char* source, const char* target, const char* type, unsigned long flags,
          const void* data);
int umount2(const char* target, int flags);
}

namespace sandbox::sys {
namespace {

constexpr int kDetach = 2;  // MNT_DETACH

absl::Status SetAttributes(int fd, unsigned flags, uint64_t attributes) {
  const mount_attr attr = {.attr_set = attributes, .attr_clr = 0, .propagation = 0, .userns_fd = 0};
  if (syscall(SYS_mount_setattr, fd, "", flags, &attr, sizeof attr) != 0) {
    return ErrnoError(errno, "mount_setattr", absl::StrCat("0x", absl::Hex(attributes)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Mount(const std::string& source, const std::string& target, const std::string& type,
                   uint64_t flags, const std::string& data) {
  const auto text = [](const std::string& s) { return s.empty() ? nullptr : s.c_str(); };
  if (mount(text(source), target.c_str(), text(type), flags, text(data)) != 0) {
    return ErrnoError(errno, "mount", absl::StrCat(type.empty() ? source : type, " on ", target));
  }
  return absl::OkStatus();
}

absl::Status Unmount(const std::string& target, int flags) {
  if (umount2(target.c_str(), flags) != 0) return ErrnoError(errno, "umount2", target);
  return absl::OkStatus();
}

absl::StatusOr<UniqueFd> CloneTree(const std::string& path) {
  UniqueFd tree(static_cast<int>(syscall(SYS_open_tree, AT_FDCWD, path.c_str(),
                                         OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE)));
  if (!tree.ok()) return ErrnoError(errno, "open_tree", path);
  return tree;
}

absl::Status SetTreeAttributes(int tree, uint64_t attributes) {
  return SetAttributes(tree, AT_EMPTY_PATH | AT_RECURSIVE, attributes);
}

absl::Status SetMountAttributes(int fd, uint64_t attributes) {
  return SetAttributes(fd, AT_EMPTY_PATH, attributes);
}

absl::Status AttachTree(int tree, const std::string& target) {
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0) {
    return ErrnoError(errno, "move_mount", target);
  }
  return absl::OkStatus();
}

absl::Status MountOverlay(int lower, int upper, int work, const std::string& target) {
  // Through /proc/self/fd: no character of a path needs escaping, and what is mounted is what was
  // opened.
  return Mount("overlay", target, "overlay", 0,
               absl::StrCat("lowerdir=/proc/self/fd/", lower, ",upperdir=/proc/self/fd/", upper,
                            ",workdir=/proc/self/fd/", work, ",userxattr,volatile"));
}

absl::Status PivotInto(const std::string& new_root) {
  if (chdir(new_root.c_str()) != 0) return ErrnoError(errno, "chdir", new_root);
  if (syscall(SYS_pivot_root, ".", ".") != 0) return ErrnoError(errno, "pivot_root", new_root);
  RETURN_IF_ERROR(Unmount(".", kDetach));
  if (chdir("/") != 0) return ErrnoError(errno, "chdir", "/");
  return absl::OkStatus();
}

}  // namespace sandbox::sys
