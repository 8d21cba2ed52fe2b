#include "sandbox-exec/options_environment.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace sandbox::exec_tool {
namespace {

// By which one stage finds what the stage before has written.
constexpr absl::string_view kHandoff = "SANDBOX_HANDOFF_FD";

bool Contains(const std::vector<std::string>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

absl::Status CheckName(const cli::Given& given, absl::string_view name) {
  if (name.empty() || name.find('=') != absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("--", given.option->name, " needs ",
                                                   given.option->metavar, ", not ", given.value));
  }
  if (name == kHandoff) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", given.option->name, " ", kHandoff, ": no command sees this one"));
  }
  return absl::OkStatus();
}

absl::Status CheckContradiction(const EnvironmentOptions& options, absl::string_view name) {
  if (!Contains(options.unset, name)) return absl::OkStatus();
  const bool set = std::any_of(options.set.begin(), options.set.end(),
                               [name](const auto& entry) { return entry.first == name; });
  if (!set && !Contains(options.keep, name)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--unset-env ", name, " contradicts --",
                                                 set ? "env" : "keep-env", " ", name,
                                                 ": leave one out"));
}

}  // namespace

absl::StatusOr<bool> TakeEnvironmentOption(const cli::Given& given, EnvironmentOptions* options) {
  if (given.Is("clean-env")) {
    options->clean = true;
    return true;
  }
  std::string name = given.value;
  if (given.Is("env")) {
    const size_t equals = given.value.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("--env needs NAME=VALUE, not ", given.value,
                       "; to pass a variable on, write --keep-env NAME"));
    }
    name.resize(equals);
    options->set.emplace_back(name, given.value.substr(equals + 1));
  } else if (given.Is("keep-env")) {
    options->keep.push_back(name);
  } else if (given.Is("unset-env")) {
    options->unset.push_back(name);
  } else {
    return false;
  }
  RETURN_IF_ERROR(CheckName(given, name));
  RETURN_IF_ERROR(CheckContradiction(*options, name));
  return true;
}

}  // namespace sandbox::exec_tool
