// The command's root while it is put together. Internal to lib/view.

#ifndef LIB_VIEW_ROOT_H_
#define LIB_VIEW_ROOT_H_

#include <string>
#include <sys/stat.h>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::view {

// What `path` of the view is.
struct Entry {
  enum Kind {
    kTree,     // a copy of the host's tree, mounted
    kDevice,   // the host's node of that name
    kPlain,    // an empty directory, sealed with the root
    kPrivate,  // an empty directory that can be written to
    kMask,     // an empty directory, or a file, that cannot be opened
  };
  std::string path;  // absolute, without links
  Kind kind = kTree;
  UniqueFd tree = UniqueFd();  // of kTree
  mode_t type = S_IFDIR;
  mode_t mode = 0700;     // of an empty directory
  bool on_grant = false;  // the host's directory is at `path`: it is covered, not changed
};

// A tmpfs of ours. Plain and private directories are its own, so that they cost no further one.
class Root {
 public:
  // Mounts it over a directory of the caller's mount namespace.
  static absl::StatusOr<Root> Mount();

  Root(Root&&) = default;

  // Where it is mounted. A grant of "/" covers it there.
  const std::string& path() const { return path_; }

  // Puts `entry` at its path, where the directories before it are made when they are missing.
  absl::Status Attach(const Entry& entry);
  // The same for an empty directory and for a symbolic link; what is there already stays.
  absl::Status MakeDirectory(const std::string& path);
  absl::Status MakeLink(const std::string& path, const std::string& target);

  // Makes masks and the root itself read-only, but nothing that is mounted in it.
  absl::Status Seal();

 private:
  Root(std::string path, UniqueFd mount) : path_(std::move(path)), mount_(std::move(mount)) {}

  absl::Status CoverFile(const std::string& target);

  std::string path_;
  UniqueFd mount_;
  std::vector<std::string> masks_;  // directories
};

}  // namespace sandbox::view

#endif  // LIB_VIEW_ROOT_H_
