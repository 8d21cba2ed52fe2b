// What an entry of an upper layer says, and whether it differs from what lies below it.
// Internal to lib/overlay.

#ifndef LIB_OVERLAY_ENTRY_H_
#define LIB_OVERLAY_ENTRY_H_

#include <string>

#include <sys/stat.h>

#include "absl/status/statusor.h"
#include "lib/overlay/xattrs.h"

namespace sandbox::overlay {

// A whiteout: character device 0:0, or an empty regular file with user.overlay.whiteout.
absl::StatusOr<bool> IsWhiteout(int upper_dir, const std::string& name, const struct stat& upper);

// A device that is no whiteout: nothing that a command in a user namespace can make.
bool IsDevice(const struct stat& upper);

// The content attributes of an entry (regular file or directory).
absl::StatusOr<Xattrs> EntryXattrs(int dir_fd, const std::string& name, Permission permission);

// Whether two entries of one type, neither a directory, are the same: mode, owner, size, time of
// change of the content, content and content attributes. An entry of the upper layer with more than
// one name is never the same, and neither is what cannot be read. Specials are never opened.
absl::StatusOr<bool> IsSameEntry(int upper_dir, const struct stat& upper, int lower_dir,
                                 const struct stat& lower, const std::string& name);

}  // namespace sandbox::overlay

#endif  // LIB_OVERLAY_ENTRY_H_
