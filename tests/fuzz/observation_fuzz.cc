// The decoder of observations, which one supervisor sends another.

#include "lib/base/check.h"
#include "lib/notify/observation.h"
#include "tests/fuzz/fuzz.h"

namespace sandbox::fuzz {
namespace {

using notify::Observation;

bool AreEqual(const Observation& a, const Observation& b) {
  for (int i = 0; i < 6; ++i) {
    if (a.arguments[i] != b.arguments[i]) return false;
  }
  return a.thread == b.thread && a.call == b.call && a.path == b.path && a.address == b.address &&
         a.argv == b.argv && a.exe == b.exe && a.directory == b.directory &&
         a.readable == b.readable && a.decided == b.decided && a.result == b.result;
}

}  // namespace

bool RunOne(absl::string_view input) {
  const auto seen = notify::Decode(input);
  if (!seen.ok()) return false;
  CHECK(seen->argv.size() <= notify::kMaxArgs);
  const std::string bytes = notify::Encode(*seen);
  CHECK(bytes.size() == input.size());
  const auto again = notify::Decode(bytes);
  CHECK(again.ok() && AreEqual(*seen, *again));
  CHECK(notify::Encode(*again) == bytes);
  CHECK(!notify::Decode(bytes.substr(0, bytes.size() - 1)).ok());
  return true;
}

std::vector<std::string> Seeds() {
  Observation full;
  full.thread = 12;
  full.call = 257;
  for (uint64_t& argument : full.arguments) argument = UINT64_MAX;
  full.path = "a/b";
  full.address = std::string("\1\0/run/x", 8);
  full.argv = {"make", "", std::string(notify::kMaxArgBytes, 'x')};
  full.exe = "/usr/bin/make";
  full.directory = "/";
  full.decided = true;
  full.result = -13;
  return {notify::Encode(Observation()), notify::Encode(full)};
}

}  // namespace sandbox::fuzz
