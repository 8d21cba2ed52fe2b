// What --allow and --resolve say.

#ifndef LIB_NET_RULE_H_
#define LIB_NET_RULE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/net/address.h"

namespace sandbox::net {

// One target that may be connected to by TCP: a name or a literal address, and one port.
struct Rule {
  std::string name;                // canonical; "" for a literal
  std::optional<Address> literal;
  uint16_t port = 0;
};

// "[tcp://]HOST:PORT", "IPv4:PORT", "[IPv6]:PORT". InvalidArgument, one line, for anything that is
// not exactly one of them: other spellings of addresses, wildcards, user names, a missing port.
absl::StatusOr<Rule> ParseRule(absl::string_view text);

struct Resolution {
  std::string name;
  Address address;
};

// "NAME=ADDRESS".
absl::StatusOr<Resolution> ParseResolution(absl::string_view text);

// Lower-case, without a trailing dot; nothing when `text` is no host name: labels of 1 to 63 of
// a-z 0-9 - _, 253 in all, the last label not a number.
std::optional<std::string> CanonicalName(absl::string_view text);

}  // namespace sandbox::net

#endif  // LIB_NET_RULE_H_
