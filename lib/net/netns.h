// A network namespace in which every address is local, with sockets of ours in it.

#ifndef LIB_NET_NETNS_H_
#define LIB_NET_NETNS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/fd/unique_fd.h"
#include "lib/net/address.h"

namespace sandbox::net {

// A socket to make inside: TCP ones listen, UDP ones are bound.
struct SocketWish {
  Address address;
  uint16_t port = 0;
  bool udp = false;
};

struct PreparedNet {
  UniqueFd user_namespace;  // owns the other; both are files of nsfs
  UniqueFd net_namespace;
  std::vector<UniqueFd> sockets;  // one per wish, in order; non-blocking. -1 where IPv6 is missing.
};

// Makes a user and a network namespace by way of a short-lived child, brings lo up, makes every
// IPv4 and IPv6 address local to it ("ip route add local default dev lo"), and the sockets. A
// connection to an address and port without a socket is refused at once; nothing gets out.
//
// The user namespace maps the caller alone or, for root, root's own ranges. The caller stays where
// it is. Blocks for some milliseconds. Errors name the step. Needs user namespaces.
absl::StatusOr<PreparedNet> PrepareNet(const std::vector<SocketWish>& wishes);

}  // namespace sandbox::net

#endif  // LIB_NET_NETNS_H_
