// Where a connection is carried to.

#ifndef LIB_NET_TARGET_H_
#define LIB_NET_TARGET_H_

#include <functional>
#include <vector>

#include "lib/net/address.h"

namespace sandbox::net {

// Where to dial, tried in order. Empty: there is nothing to dial, the connection is reset.
using Targets = std::vector<Address>;
using OnTargets = std::function<void(Targets)>;
// Finds the targets of one connection, now or later; called once for each.
using FindTargets = std::function<void(OnTargets)>;

}  // namespace sandbox::net

#endif  // LIB_NET_TARGET_H_
