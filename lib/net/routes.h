// Routes of a network namespace of one's own, by rtnetlink(7).

#ifndef LIB_NET_ROUTES_H_
#define LIB_NET_ROUTES_H_

#include "absl/status/status.h"

namespace sandbox::net {

// "ip route add local default dev lo table local" for one family: packets to any address of it are
// for us. For AF_INET6, EOPNOTSUPP or EAFNOSUPPORT where the kernel has no IPv6.
absl::Status MakeEveryAddressLocal(int family);

}  // namespace sandbox::net

#endif  // LIB_NET_ROUTES_H_
