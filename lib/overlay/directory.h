// Directories by descriptor, for trees whose depth and names were chosen by somebody else.
//
// Nothing here follows a symbolic link, enters a mount or trusts a path string. Internal to
// lib/overlay. Needs Linux 5.6 (openat2) and /proc.

#ifndef LIB_OVERLAY_DIRECTORY_H_
#define LIB_OVERLAY_DIRECTORY_H_

#include <optional>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::overlay {

// What a file is, whatever it is called.
struct Identity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const Identity&, const Identity&) = default;
};

inline Identity IdentityOf(const struct stat& info) { return {info.st_dev, info.st_ino}; }

// "/proc/self/fd/N": the file behind any descriptor, O_PATH included, for calls that want a path.
std::string ProcPath(int fd);

// Opens the entry `name` (one component, never "..") of `dir_fd` without following a symbolic link
// and without entering a mount (EXDEV). Close-on-exec. `flags` as openat(2).
absl::StatusOr<UniqueFd> OpenEntry(int dir_fd, const std::string& name, int flags);

// fstat of any descriptor.
absl::StatusOr<struct stat> StatFd(int fd);

// lstat of an entry; nullopt when there is none.
absl::StatusOr<std::optional<struct stat>> StatEntry(int dir_fd, const std::string& name);

// The names in a directory but "." and "..", sorted by bytes. `dir_fd` may be O_PATH; needs read
// and search permission.
absl::StatusOr<std::vector<std::string>> ListNames(int dir_fd);

// Sixteen hexadecimal digits from getrandom(2).
absl::StatusOr<std::string> RandomHex();

// A walk through a tree that holds two descriptors, however deep the tree is.
//
// Enter() goes down by name; Leave() goes up by ".." and checks that it arrived where it came from,
// so that a directory moved meanwhile ends the walk (Aborted) and never leads out of the tree.
// With Access::kForce a directory that its owner may not read, write or search gets those bits
// while the walk is inside, and its own mode back when it leaves. A walk that is dropped half way
// keeps those modes changed: call Unwind() first.
class Trail {
 public:
  enum class Access { kAsIs, kForce };

  // Starts in the directory `dir_fd` (borrowed; may be O_PATH).
  static absl::StatusOr<Trail> Start(int dir_fd, Access of_start, Access beneath);

  Trail(Trail&&) = default;
  Trail& operator=(Trail&&) = default;

  // The directory where the walk is: O_PATH, owned here, valid until the next Enter or Leave.
  int fd() const { return fd_.get(); }
  size_t depth() const { return frames_.size() - 1; }

  absl::Status Enter(const std::string& name);
  // Goes up one level. The directory left gets `mode`, or the mode that it had.
  // Precondition: depth() > 0.
  absl::Status Leave(std::optional<mode_t> mode = std::nullopt);
  // Gives the directory where the walk started its own mode (or `mode`). Precondition: depth() 0.
  absl::Status Finish(std::optional<mode_t> mode = std::nullopt);
  // Leaves every level and finishes, as far as possible.
  void Unwind();

 private:
  struct Frame {
    Identity identity;
    mode_t mode = 0;
    bool forced = false;
  };

  Trail() = default;
  absl::Status Push(UniqueFd fd, Access access);
  absl::Status RestoreMode(int fd, const Frame& frame, std::optional<mode_t> mode);

  UniqueFd fd_;
  UniqueFd spare_;  // given up by Unwind(), which so works without a free descriptor
  Access beneath_ = Access::kAsIs;
  std::vector<Frame> frames_;
};

// Removes the entry `name` of `dir_fd` and, for a directory, everything beneath. An absent entry is
// no error. Any depth, any name; directories without permissions are opened up first; symbolic
// links are removed, not followed; a mount point beneath ends it with errno EXDEV before anything
// in the mount is touched. What was removed until an error stays removed.
absl::Status RemoveTree(int dir_fd, const std::string& name);

}  // namespace sandbox::overlay

#endif  // LIB_OVERLAY_DIRECTORY_H_
