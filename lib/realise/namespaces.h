// Entering the namespaces of a chain, by the process that will build the sandbox in them.

#ifndef LIB_REALISE_NAMESPACES_H_
#define LIB_REALISE_NAMESPACES_H_

#include <sys/types.h>

#include "absl/status/status.h"
#include "lib/realise/plan.h"

namespace sandbox::realise {

// Whether the caller may map more than itself into a new user namespace: then the maps must be
// written by a process that stays outside (user_namespaces(7)).
bool MapsOwnRange();

// Writes the caller's own ranges, mapped to themselves, as the maps of process `pid`, which has
// just made a user namespace. For a caller of whom MapsOwnRange() holds.
absl::Status WriteFullMaps(pid_t pid);

// Enters the plan's user and network namespaces, prepared or new, and new mount, ipc, uts and
// cgroup ones as the plan says. Where MapsOwnRange() holds and the user namespace is new, writes a
// byte to `want_maps` and waits for one from `maps_done`; otherwise the map is the caller's own uid
// and gid, and setgroups is denied. Mounts become private; own_net brings lo up.
absl::Status EnterNamespaces(const Plan& plan, int want_maps, int maps_done);

}  // namespace sandbox::realise

#endif  // LIB_REALISE_NAMESPACES_H_
