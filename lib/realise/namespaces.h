// Entering the namespaces of a chain, by the process that will build the sandbox in them.

#ifndef LIB_REALISE_NAMESPACES_H_
#define LIB_REALISE_NAMESPACES_H_

#include "absl/status/status.h"
#include "lib/ns/user_maps.h"
#include "lib/realise/plan.h"

namespace sandbox::realise {

// Enters the plan's user and network namespaces, prepared or new, and new mount, ipc, uts and
// cgroup ones as the plan says. `maps` is for a new user namespace. Mounts become private; own_net
// brings lo up.
absl::Status EnterNamespaces(const Plan& plan, const ns::MapRequest& maps);

}  // namespace sandbox::realise

#endif  // LIB_REALISE_NAMESPACES_H_
