// Typed system calls of the mount interfaces, old and new (mount(2), open_tree and friends of
// Linux 5.2, mount_setattr of 5.12). All need CAP_SYS_ADMIN in the owner of the mount namespace
// and fail with errno attached.

#ifndef LIB_SYS_MOUNT_H_
#define LIB_SYS_MOUNT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::sys {

// mount(2); empty strings are passed as null.
absl::Status Mount(const std::string& source, const std::string& target, const std::string& type,
                   uint64_t flags, const std::string& data = "");

// umount2(2).
absl::Status Unmount(const std::string& target, int flags);

// A detached copy of the tree at `path`, with everything mounted beneath it
// (OPEN_TREE_CLONE | AT_RECURSIVE). `path` is followed when it is a symbolic link.
absl::StatusOr<UniqueFd> CloneTree(const std::string& path);

// Sets MOUNT_ATTR_* bits on the tree behind `tree`, recursively.
absl::Status SetTreeAttributes(int tree, uint64_t attributes);

// Sets MOUNT_ATTR_* bits on the one mount that `fd` lies on; it must be that mount's root.
absl::Status SetMountAttributes(int fd, uint64_t attributes);

// Attaches a detached tree at `target`.
absl::Status AttachTree(int tree, const std::string& target);

// Mounts an overlay on `target` in a user namespace: options userxattr and volatile. The
// descriptors are directories opened in the current mount namespace.
// Linux 5.11 (overlayfs in user namespaces).
absl::Status MountOverlay(int lower, int upper, int work, const std::string& target);

// pivot_root(".", ".") at `new_root`, then detaches the old root; the caller stands in "/".
absl::Status PivotInto(const std::string& new_root);

}  // namespace sandbox::sys

#endif  // LIB_SYS_MOUNT_H_
