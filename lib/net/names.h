// The names that may be connected to, each with synthetic addresses of its own.

#ifndef LIB_NET_NAMES_H_
#define LIB_NET_NAMES_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/net/address.h"

namespace sandbox::net {

// Allots one address of 198.18.0.0/15 (RFC 2544, never routed) and one of a unique local /64 per
// name, so that the name behind a connection is always exact and no query leaves before it.
class Names {
 public:
  struct Pair {
    Address v4;
    Address v6;
  };

  // The addresses of `name` (canonical), allotted at the first call. ResourceExhausted after 65000.
  absl::StatusOr<Pair> Allot(const std::string& name);
  // The addresses of `name`, if it was allotted any. Any case.
  std::optional<Pair> Find(absl::string_view name) const;

 private:
  std::map<std::string, Pair> by_name_;
};

}  // namespace sandbox::net

#endif  // LIB_NET_NAMES_H_
