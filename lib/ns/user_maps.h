// Entering a new user namespace, with maps that suit who enters it (user_namespaces(7)).
//
// An ordinary user maps itself, and denies setgroups. Root maps its own ranges to themselves, which
// only a process that stays outside may write: the parent does, while the child waits.

#ifndef LIB_NS_USER_MAPS_H_
#define LIB_NS_USER_MAPS_H_

#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::ns {

// The child's ends of two pipes to the one that writes the maps; -1: it maps itself.
struct MapRequest {
  int want = -1;
  int done = -1;
};

// The parent's side. Make it before the fork; the child uses request(), the parent calls Serve().
class MapHelper {
 public:
  static absl::StatusOr<MapHelper> Create();
  MapRequest request() const { return {.want = want_write_.get(), .done = done_read_.get()}; }

  // Waits until `child` has made its user namespace and writes the maps, where that is needed.
  // OK, too, when the child ended before: its own failure is what counts.
  absl::Status Serve(pid_t child);

 private:
  UniqueFd want_read_;
  UniqueFd want_write_;
  UniqueFd done_read_;
  UniqueFd done_write_;
};

// unshare(CLONE_NEWUSER | more) with maps as `request` says. The caller has all capabilities over
// the new namespaces after it.
absl::Status EnterUserNamespace(int more, const MapRequest& request);

// Brings lo up in the caller's network namespace.
absl::Status BringLoopbackUp();

}  // namespace sandbox::ns

#endif  // LIB_NS_USER_MAPS_H_
