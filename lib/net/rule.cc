#include "lib/net/rule.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/status.h"

namespace sandbox::net {
namespace {

absl::Status Bad(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("cannot use ", text, ": ", why));
}

absl::StatusOr<uint16_t> ParsePort(absl::string_view text, absl::string_view all) {
  int port = 0;
  const bool digits = !text.empty() && text.size() <= 5 &&
                      std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (!digits || !absl::SimpleAtoi(text, &port) || port < 1 || port > 65535) {
    return Bad(all, "the port must be a number from 1 to 65535");
  }
  return static_cast<uint16_t>(port);
}

bool IsLabel(absl::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](char c) {
           return absl::ascii_isdigit(c) || absl::ascii_islower(c) || c == '-' || c == '_';
         });
}

// What other programs would read as an IPv4 address: 127.1, 0x7f.1, 2130706433.
bool LooksNumeric(absl::string_view label) {
  return std::all_of(label.begin(), label.end(), absl::ascii_isdigit) ||
         (absl::StartsWith(label, "0x") &&
          std::all_of(label.begin() + 2, label.end(), absl::ascii_isxdigit));
}

}  // namespace

std::optional<std::string> CanonicalName(absl::string_view text) {
  std::string name = absl::AsciiStrToLower(absl::StripSuffix(text, "."));
  if (name.empty() || name.size() > 253) return std::nullopt;
  const std::vector<absl::string_view> labels = absl::StrSplit(name, '.');
  if (!std::all_of(labels.begin(), labels.end(), IsLabel)) return std::nullopt;
  if (LooksNumeric(labels.back())) return std::nullopt;
  return name;
}

absl::StatusOr<Rule> ParseRule(absl::string_view text) {
  const absl::string_view target = absl::StripPrefix(text, "tcp://");
  const size_t colon = target.rfind(':');
  if (colon == absl::string_view::npos || absl::EndsWith(target, "]")) {
    return Bad(text, "name a port, as in HOST:443");
  }
  Rule rule;
  ASSIGN_OR_RETURN(rule.port, ParsePort(target.substr(colon + 1), text));
  absl::string_view host = target.substr(0, colon);
  const bool bracketed = absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  rule.literal = ParseAddress(host);
  if (rule.literal.has_value()) {
    const bool is_v6 = rule.literal->family == AF_INET6;
    if (is_v6 != bracketed) return Bad(text, "write IPv6 as [ADDRESS]:PORT");
    return rule;
  }
  const auto name = CanonicalName(host);
  if (bracketed || !name.has_value()) return Bad(text, "it is no host name and no address");
  rule.name = *name;
  return rule;
}

absl::StatusOr<Resolution> ParseResolution(absl::string_view text) {
  const size_t equals = text.find('=');
  if (equals == absl::string_view::npos) return Bad(text, "write NAME=ADDRESS");
  const auto name = CanonicalName(text.substr(0, equals));
  const auto address = ParseAddress(text.substr(equals + 1));
  if (!name.has_value()) return Bad(text, "what is before = is no host name");
  if (!address.has_value()) return Bad(text, "what is after = is no IPv4 or IPv6 address");
  return Resolution{.name = *name, .address = *address};
}

}  // namespace sandbox::net
