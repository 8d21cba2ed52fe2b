// What --allow and --resolve take: what is accepted is canonical, and means to us what it says.

#include <arpa/inet.h>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "lib/base/check.h"
#include "lib/net/address.h"
#include "lib/net/rule.h"
#include "tests/fuzz/fuzz.h"

namespace sandbox::fuzz {
namespace {

using net::Address;
using net::Rule;

void CheckName(const std::string& name) {
  CHECK(net::CanonicalName(name) == name);
  CHECK(name.size() == strlen(name.c_str()));
  // Neither an address as inet_aton reads it, which takes more forms than we do.
  in_addr address;
  CHECK(inet_aton(name.c_str(), &address) == 0);
  CHECK(!net::ParseAddress(name).has_value());
}

void CheckAddress(const Address& address) {
  const auto again = net::ParseAddress(net::ToString(address));
  CHECK(again.has_value() && *again == address);
}

std::string Text(const Rule& rule) {
  if (!rule.literal.has_value()) return absl::StrCat(rule.name, ":", rule.port);
  const std::string address = net::ToString(*rule.literal);
  return rule.literal->family == AF_INET6 ? absl::StrCat("[", address, "]:", rule.port)
                                          : absl::StrCat(address, ":", rule.port);
}

bool RunRule(absl::string_view input) {
  const auto rule = net::ParseRule(input);
  if (!rule.ok()) return false;
  CHECK(rule->port > 0);
  CHECK(rule->literal.has_value() == rule->name.empty());
  if (rule->literal.has_value()) {
    CheckAddress(*rule->literal);
  } else {
    CheckName(rule->name);
  }
  const auto again = net::ParseRule(Text(*rule));
  CHECK(again.ok());
  CHECK(again->name == rule->name && again->literal == rule->literal && again->port == rule->port);
  return true;
}

bool RunResolution(absl::string_view input) {
  const auto resolution = net::ParseResolution(input);
  if (!resolution.ok()) return false;
  CheckName(resolution->name);
  CheckAddress(resolution->address);
  return true;
}

}  // namespace

bool RunOne(absl::string_view input) {
  const bool is_rule = RunRule(input);
  return RunResolution(input) || is_rule;
}

std::vector<std::string> Seeds() {
  return {"origin.test:8080", "tcp://A-b_c.example.:443", "127.0.0.1:1", "[::1]:65535",
          "[2001:db8::ffff:1.2.3.4]:80", "a=10.0.0.1", "x.y=fe80::1"};
}

}  // namespace sandbox::fuzz
