// Applies a layer to its work directory.

#ifndef LIB_OVERLAY_COMMIT_H_
#define LIB_OVERLAY_COMMIT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lib/overlay/layer.h"

namespace sandbox::overlay {

// What Commit() did. Paths are relative to the work directory, any bytes (see EscapePath).
struct CommitReport {
  size_t replaced = 0;  // files and subtrees put in place
  size_t removed = 0;   // entries removed because the command removed them
  // Regular files whose set-user-ID or set-group-ID bits, or file capabilities, were dropped.
  // Only when the effective user is root.
  std::vector<std::string> dropped_privileges;
  // Replaced files that had other names (hard links) in the real tree, which keep the old content:
  // overlayfs breaks links at copy-up.
  std::vector<std::string> broken_links;
};

// Makes the work directory look like the merged view did, and empties the layer on the way.
//
// On the layer's own filesystem every file, and every new directory as a whole, is put in place by
// one rename; across filesystems (EXDEV) by a copy in the target's directory, fsync and rename. So
// nobody sees half a file. Mode, owner, times (ns), attributes and holes stay, as do hard links
// made in the layer (across filesystems: among the names that one call moves). What overlayfs notes
// (user.overlay.*) is removed; a command cannot commit such names. Directories that are in both get
// mode, owner, attributes and times from the layer after their entries, deepest first. Files that
// were copied up but are the same are left alone. FIFOs and sockets are renamed and never opened.
//
// A directory that was removed and made anew, and one that became a file, is removed and then
// replaced: in between the name is absent.
//
// Every step is relative to pinned descriptors, follows no symbolic link and enters no mount: what
// the command planted cannot lead a write outside the work directory.
//
// Conflicts are not looked for: what somebody else changed in the work directory during the run is
// replaced where the command changed the same path, and stays where it did not.
//
// On failure it stops and returns the error with the path; the layer holds what was not applied
// yet, `report` what was. Calling again goes on: what was moved is gone from the layer. (The time
// of a directory is then that of the first call.) Not synced to disk on the layer's own
// filesystem, as the command's own writes would not be.
//
// Precondition: the mount is gone. As root without CAP_CHOWN, CAP_DAC_OVERRIDE and CAP_FOWNER only
// root's own files can be committed.
// Errors: FailedPrecondition for a device in the layer; errno EXDEV for a mount beneath the work
// directory; Aborted when a directory is moved meanwhile; others with errno.
absl::Status Commit(const Layer& layer, CommitReport* report);

}  // namespace sandbox::overlay

#endif  // LIB_OVERLAY_COMMIT_H_
