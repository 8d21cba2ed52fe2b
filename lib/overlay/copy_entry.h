// Copies one entry to another filesystem and puts it in place by rename. Internal to lib/overlay.

#ifndef LIB_OVERLAY_COPY_ENTRY_H_
#define LIB_OVERLAY_COPY_ENTRY_H_

#include <string>

#include <sys/stat.h>

#include "absl/status/status.h"

namespace sandbox::overlay {

// Names of copies that are not in place yet begin with this; 16 hexadecimal digits follow.
inline constexpr char kTemporaryPrefix[] = ".sandbox-cow-tmp.";

// Copies `name` of `from_dir`, which is no directory and no device and whose lstat is `info`, to a
// temporary name in `to_dir`, and renames it to `name` there. Content with its holes, mode, content
// attributes and times; the owner where that is permitted, else set-user-ID and set-group-ID bits
// are dropped. The content is on disk before the rename. A target that is no directory is replaced;
// `from_dir` is not changed. Leaves no temporary name behind on failure.
absl::Status CopyIntoPlace(int from_dir, int to_dir, const std::string& name,
                           const struct stat& info);

}  // namespace sandbox::overlay

#endif  // LIB_OVERLAY_COPY_ENTRY_H_
