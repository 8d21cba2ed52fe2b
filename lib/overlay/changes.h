// What a layer would change in its work directory, without changing anything.

#ifndef LIB_OVERLAY_CHANGES_H_
#define LIB_OVERLAY_CHANGES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/overlay/layer.h"

namespace sandbox::overlay {

enum class ChangeKind : char {
  kAdded = 'A',
  kModified = 'M',  // content, mode, owner, time or attributes; a directory: not its time
  kDeleted = 'D',
  kType = 'T',  // is of another type now; its old content is gone with it
};

enum class FileType { kRegular, kDirectory, kSymlink, kFifo, kSocket, kDevice };

struct Change {
  ChangeKind kind = ChangeKind::kModified;
  std::string path;  // relative to the work directory, any bytes; "." is the work directory itself
  FileType type = FileType::kRegular;  // the new type; of a deleted entry the old one
  friend bool operator==(const Change&, const Change&) = default;
};

// The most that the paths of one result may take together, in bytes.
inline constexpr size_t kMaxPathBytes = size_t{256} << 20;

// Compares the layer with its work directory. Precondition: the mount is gone.
//
// Sorted by the bytes of the path. An added directory is followed by all that is in it; a deleted
// one stands alone. A file that was copied up and is still the same (see IsSameEntry in entry.h) is
// no change. Renames are seen as D and A. The work directory is only read; directories and files of
// the layer that the command made unreadable are made readable while they are looked at.
// Descriptors used and depth of the tree are independent; memory is the result and the names of the
// directories on the way down.
//
// Errors: ResourceExhausted beyond kMaxPathBytes; FailedPrecondition for a device in the layer;
// errno EXDEV for a mount beneath the work directory; others with errno. All name the path.
absl::StatusOr<std::vector<Change>> Scan(const Layer& layer);

// "A path", in which control characters, invalid UTF-8 and the backslash are \xNN.
std::string FormatChange(const Change& change);

// The escaping of FormatChange() alone.
std::string EscapePath(absl::string_view path);

}  // namespace sandbox::overlay

#endif  // LIB_OVERLAY_CHANGES_H_
