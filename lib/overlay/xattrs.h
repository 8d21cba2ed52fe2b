// Extended attributes of files that may be unreadable, and those that overlayfs keeps of its own.
//
// Internal to lib/overlay. All functions take a descriptor of any kind (O_PATH too) of a regular
// file or directory; a filesystem without attributes has none. Source: xattr(7), overlayfs.rst of
// the kernel ("userxattr": names in user.overlay.).

#ifndef LIB_OVERLAY_XATTRS_H_
#define LIB_OVERLAY_XATTRS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sandbox::overlay {

using Xattrs = std::map<std::string, std::string>;

// Whether to give the owner read and write permission for the time of a call that needs them.
enum class Permission { kAsIs, kForce };

// The attributes that belong to the file's content: user.* but user.overlay.*, and POSIX ACLs.
absl::StatusOr<Xattrs> ContentXattrs(int fd, Permission permission);

// One attribute; nullopt when absent.
absl::StatusOr<std::optional<std::string>> GetXattr(int fd, const std::string& name,
                                                    Permission permission);

// Gives `to` (ours, writable) exactly the content attributes `wanted`.
absl::Status SetContentXattrs(int to, const Xattrs& wanted);

// Removes every user.overlay.* attribute, and security.capability too when `capability`.
// `*had_capability` says whether there was one. Forces permission.
absl::Status StripXattrs(int fd, bool capability, bool* had_capability);

// Whether the filesystem of `dir_fd` (ours, writable) keeps the attributes by which overlayfs hides
// what was removed: without them a merged directory cannot be removed (EIO). Tried by setting one.
// FailedPrecondition with EOPNOTSUPP attached where it does not, as tmpfs before Linux 6.6.
absl::Status CheckKeepsXattrs(int dir_fd);

// user.overlay.opaque is "y". Forces permission.
absl::StatusOr<bool> IsOpaque(int dir_fd);

}  // namespace sandbox::overlay

#endif  // LIB_OVERLAY_XATTRS_H_
