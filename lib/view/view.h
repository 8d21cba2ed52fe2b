// The command's view of the file system: an empty root with the grants, and nothing else, in it.

#ifndef LIB_VIEW_VIEW_H_
#define LIB_VIEW_VIEW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::view {

// What a path led to when it was read (st_dev, st_ino): what is mounted must be the same.
struct Identity {
  uint64_t device = 0;
  uint64_t inode = 0;  // 0: not asked for
};

// A right to what is at `path` and beneath it.
struct Grant {
  std::string path;      // absolute; may be or lead through symbolic links
  bool write = false;    // read, too, in any case
  bool execute = true;
  bool system = false;   // from --system
  Identity identity = {};
};

// What is taken back of a grant beneath it. The path is resolved and exists.
struct Mask {
  std::string path;
  bool readable = false;       // only writing is denied
  bool has_exceptions = false;  // something beneath is granted again, and must be reached
  Identity identity = {};
};

// What a view holds.
struct Request {
  bool layered = false;  // something is mounted over host directories before: inodes are others
  std::vector<Grant> grants;
  std::vector<Mask> masks;
  std::vector<std::string> exceptions;  // within masks: as the grant around them; resolved
  // Directories that may not be renamed or removed, because a path beneath is masked: they become
  // mounts, which the kernel refuses to move. Resolved, within writable grants.
  std::vector<std::string> pins;
  bool system = false;  // private /dev, /proc, /tmp and home besides
  std::string home;     // absolute, or empty: becomes an empty private directory unless granted
};

// What `path` leads to now; NotFound and other errors of stat(2), with errno.
absl::StatusOr<Identity> IdentityOf(const std::string& path);

// Whether grants and masks of `request` still lead to what they did. For what lies beneath a layer
// that is about to be mounted over: afterwards it is another inode.
absl::Status CheckIdentities(const Request& request);

// The system directories that this machine has, as grants to read and execute.
std::vector<Grant> SystemGrants();

// A grant with its path resolved: no symbolic link in it.
struct Place {
  std::string path;
  Grant grant;
};

// Where the grants' paths lead now; NotFound names the first that leads nowhere. Deepest last.
absl::StatusOr<std::vector<Place>> Resolve(const std::vector<Grant>& grants);

// Mounts the view of `request` somewhere in the caller's own mount namespace and returns where. Its
// /proc, where it has one, is an empty directory still. Grants that may not be written are
// read-only mounts, none honours set-user-ID bits; the root itself is read-only. What is private is one
// tmpfs.
//
// Preconditions: CAP_SYS_ADMIN over the mount namespace, which is private; nobody else uses it.
absl::StatusOr<std::string> Build(const Request& request);

}  // namespace sandbox::view

#endif  // LIB_VIEW_VIEW_H_
