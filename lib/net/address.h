// An IPv4 or IPv6 address as a value.

#ifndef LIB_NET_ADDRESS_H_
#define LIB_NET_ADDRESS_H_

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/socket.h>

#include "absl/strings/string_view.h"

namespace sandbox::net {

// Network byte order; of an IPv4 address only the first four bytes are used.
struct Address {
  int family = AF_INET;  // or AF_INET6
  std::array<uint8_t, 16> bytes{};
  friend auto operator<=>(const Address&, const Address&) = default;
};

// Strict dotted-quad or IPv6 text, no brackets, no zone; nothing for anything else.
std::optional<Address> ParseAddress(absl::string_view text);
std::string ToString(const Address& address);

// True for addresses of the public internet: not private, loopback, link-local, shared, multicast,
// reserved, unspecified, nor an IPv6 form that carries IPv4 (RFC 6890 and its registry).
bool IsPublic(const Address& address);

// A socket address for `address` and `port`; returns its size.
socklen_t ToSockaddr(const Address& address, uint16_t port, sockaddr_storage* out);

}  // namespace sandbox::net

#endif  // LIB_NET_ADDRESS_H_
