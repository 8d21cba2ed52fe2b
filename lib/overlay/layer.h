// Where the changes of one copy-on-write run live: a directory with an overlay's upper and work.
//
//   LAYER = STORAGE/.sandbox-cow.RANDOM   mode 0700
//     owner    exclusive flock(2) while the object lives: tells a dead owner from a living one
//     upper/   what the command changed
//     work/    overlayfs' own
//     kept     present when the layer shall outlive its owner; content: path of the work directory

#ifndef LIB_OVERLAY_LAYER_H_
#define LIB_OVERLAY_LAYER_H_

#include <string>

#include <sys/stat.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/fd/unique_fd.h"
#include "lib/overlay/directory.h"

namespace sandbox::overlay {

// Every layer's name begins with this; 16 hexadecimal digits follow.
inline constexpr char kLayerPrefix[] = ".sandbox-cow.";

struct LayerOptions {
  // Where layers live when a sibling of the work directory is not possible (parent not writable,
  // work directory a mount point): an absolute path, usually $XDG_STATE_HOME/sandpipe/layers.
  // Missing directories of it are made, mode 0700. Empty: no fallback.
  std::string fallback_storage;
  // When not empty, layers live here and nowhere else. Must exist.
  std::string storage;
};

// One layer, owned by this process. Move-only. An object that is dropped without Discard() or
// Keep() (a killed process too) leaves a directory that SweepDead() removes.
class Layer {
 public:
  // Makes a layer for the directory at `workdir_path`.
  //
  // The storage is the work directory's parent, when it can be written and is on the same mount
  // (then commit is a rename); else the fallback. Storage is never the work directory or beneath
  // it, as far as walking up from it by ".." shows (InvalidArgument). upper gets mode, times,
  // content attributes and, where permitted, owner of the work directory, so that the merged root
  // looks the same. Leaves nothing behind on failure. errno attached for failed calls.
  static absl::StatusOr<Layer> Create(const std::string& workdir_path,
                                      const LayerOptions& options);

  Layer(Layer&&) = default;
  Layer& operator=(Layer&&) = default;

  // Absolute paths, as they were at Create().
  const std::string& path() const { return path_; }
  std::string upper_path() const { return path_ + "/upper"; }
  std::string work_path() const { return path_ + "/work"; }
  const std::string& workdir_path() const { return workdir_path_; }

  // O_PATH descriptors, owned here. In a new mount namespace a descriptor from before is only an
  // identity: reopen by path and compare.
  int workdir_fd() const { return workdir_.get(); }
  int layer_fd() const { return layer_.get(); }
  int upper_fd() const { return upper_.get(); }
  int work_fd() const { return work_.get(); }

  Identity workdir_identity() const { return workdir_identity_; }
  Identity layer_identity() const { return layer_identity_; }
  Identity upper_identity() const { return IdentityOf(initial_); }
  Identity work_identity() const { return work_identity_; }

  // upper as it was made, before the command ran: what of it differs later, the command changed.
  const struct stat& initial() const { return initial_; }

  // Removes the layer and everything in it. The mount must be gone. After success the object is
  // empty and only to be destroyed; after an error it may be called again.
  absl::Status Discard();

  // Marks the layer as kept, on disk, and gives up the ownership lock. Discard() is still possible.
  absl::Status Keep();

 private:
  Layer() = default;
  absl::Status Populate();

  std::string path_;
  std::string name_;
  std::string workdir_path_;
  UniqueFd storage_;
  UniqueFd layer_;
  UniqueFd owner_;
  UniqueFd upper_;
  UniqueFd work_;
  UniqueFd workdir_;
  Identity workdir_identity_;
  Identity layer_identity_;
  Identity work_identity_;
  struct stat initial_ = {};
};

// Removes the layers in the directory `storage` that belong to this user, whose owner is dead and
// that are not kept; returns how many. Layers of other users are never touched. An absent directory
// has none. Goes on after a layer that cannot be removed and returns that error at the end.
absl::StatusOr<int> SweepDead(const std::string& storage);

}  // namespace sandbox::overlay

#endif  // LIB_OVERLAY_LAYER_H_
