#include "lib/net/address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>

namespace sandbox::net {
namespace {

struct Block {
  const char* network;
  int bits;
};

constexpr Block kSpecial4[] = {
    {"0.0.0.0", 8},      {"10.0.0.0", 8},      {"100.64.0.0", 10}, {"127.0.0.0", 8},
    {"169.254.0.0", 16}, {"172.16.0.0", 12},   {"192.0.0.0", 24},  {"192.0.2.0", 24},
    {"192.88.99.0", 24}, {"192.168.0.0", 16},  {"198.18.0.0", 15}, {"198.51.100.0", 24},
    {"203.0.113.0", 24}, {"224.0.0.0", 4},     {"240.0.0.0", 4},
};
// Of IPv6 only 2000::/3 is public, less these: documentation, Teredo, 6to4, ORCHID, benchmarks.
constexpr Block kSpecial6[] = {
    {"2001::", 23}, {"2001:db8::", 32}, {"2002::", 16}, {"3fff::", 20},
};

bool IsIn(const Address& address, const Block& block) {
  const auto network = ParseAddress(block.network);
  if (!network.has_value() || network->family != address.family) return false;
  for (int bit = 0; bit < block.bits; ++bit) {
    const int shift = 7 - bit % 8;
    if (((address.bytes[bit / 8] ^ network->bytes[bit / 8]) >> shift & 1) != 0) return false;
  }
  return true;
}

}  // namespace

std::optional<Address> ParseAddress(absl::string_view text) {
  const std::string copy(text);
  if (copy.size() != strlen(copy.c_str())) return std::nullopt;
  Address address;
  if (inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) return address;
  address.family = AF_INET6;
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::string ToString(const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(address.family, address.bytes.data(), text, sizeof text);
  return text;
}

bool IsPublic(const Address& address) {
  if (address.family == AF_INET) {
    return std::none_of(std::begin(kSpecial4), std::end(kSpecial4),
                        [&](const Block& block) { return IsIn(address, block); });
  }
  return IsIn(address, {"2000::", 3}) &&
         std::none_of(std::begin(kSpecial6), std::end(kSpecial6),
                      [&](const Block& block) { return IsIn(address, block); });
}

socklen_t ToSockaddr(const Address& address, uint16_t port, sockaddr_storage* out) {
  memset(out, 0, sizeof *out);
  if (address.family == AF_INET) {
    sockaddr_in in = {};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    memcpy(&in.sin_addr, address.bytes.data(), sizeof in.sin_addr);
    memcpy(out, &in, sizeof in);
    return sizeof in;
  }
  sockaddr_in6 in = {};
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(port);
  memcpy(&in.sin6_addr, address.bytes.data(), sizeof in.sin6_addr);
  memcpy(out, &in, sizeof in);
  return sizeof in;
}

}  // namespace sandbox::net
