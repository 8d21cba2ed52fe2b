#include "sandbox-exec/plan_environment.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace sandbox::exec_tool {
namespace {

constexpr absl::string_view kAlwaysKept[] = {"PATH", "HOME", "USER", "TERM", "LANG", "TZ"};

template <typename Names>
bool Contains(const Names& names, absl::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// By these the loader and the C library run code, or behave in a way, that the caller did not mean
// for this command.
bool SteersTheLoader(absl::string_view name) {
  return absl::StartsWith(name, "LD_") || name == "GCONV_PATH" || name == "GLIBC_TUNABLES";
}

bool PassesOn(const EnvironmentOptions& options, absl::string_view name) {
  if (Contains(options.keep, name)) return true;
  if (Contains(options.unset, name) || SteersTheLoader(name)) return false;
  return !options.clean || Contains(kAlwaysKept, name);
}

}  // namespace

std::vector<std::string> CompileEnvironment(const EnvironmentOptions& options,
                                            const chain::Environment& caller) {
  chain::Environment set;
  if (!Contains(options.unset, "SANDBOX")) set.Set("SANDBOX", "sandpipe");
  for (const auto& [name, value] : options.set) set.Set(name, value);

  std::vector<std::string> entries;
  for (const std::string& entry : caller.entries()) {
    const std::string name = entry.substr(0, entry.find('='));
    if (PassesOn(options, name) && set.Get(name) == nullptr) entries.push_back(entry);
  }
  entries.insert(entries.end(), set.entries().begin(), set.entries().end());
  return entries;
}

}  // namespace sandbox::exec_tool
