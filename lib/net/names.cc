#include "lib/net/names.h"

#include "lib/net/rule.h"

namespace sandbox::net {

absl::StatusOr<Names::Pair> Names::Allot(const std::string& name) {
  const auto known = by_name_.find(name);
  if (known != by_name_.end()) return known->second;
  if (by_name_.size() >= 65000) return absl::ResourceExhaustedError("too many names are allowed");
  const auto number = static_cast<uint16_t>(by_name_.size() + 2);
  const auto high = static_cast<uint8_t>(number >> 8);
  const auto low = static_cast<uint8_t>(number & 0xff);
  Pair pair;
  pair.v4 = {.family = AF_INET, .bytes = {198, 18, high, low}};
  // fd5a:6e64:7069:7065::/64
  pair.v6 = {.family = AF_INET6,
             .bytes = {0xfd, 0x5a, 0x6e, 0x64, 0x70, 0x69, 0x70, 0x65, 0, 0, 0, 0, 0, 0, high, low}};
  by_name_.emplace(name, pair);
  return pair;
}

std::optional<Names::Pair> Names::Find(absl::string_view name) const {
  const auto canonical = CanonicalName(name);
  if (!canonical.has_value()) return std::nullopt;
  const auto found = by_name_.find(*canonical);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

}  // namespace sandbox::net
