#include "sandbox-exec/options_filter.h"

#include "absl/strings/str_cat.h"
#include "lib/seccomp/rule_text.h"

namespace sandbox::exec_tool {

absl::StatusOr<bool> TakeFilterOption(const cli::Given& given, FilterOptions* options) {
  if (given.Is("deny-syscall")) {
    options->deny.push_back(given.value);
  } else if (given.Is("allow-syscall")) {
    options->allow.push_back(given.value);
  } else if (given.Is("syscall-default")) {
    const absl::StatusOr<seccomp::Action> answer = seccomp::ParseAnswer(given.value);
    if (!answer.ok() || *answer == seccomp::kLog) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--syscall-default ", given.value, ": write an error (EPERM, or its number) or kill"));
    }
    options->otherwise = *answer;
  } else if (given.Is("seccomp-profile")) {
    options->profile = given.value;
  } else if (given.Is("list-groups")) {
    options->list_groups = true;
  } else if (given.Is("dump-filter")) {
    options->dump = given.value == "table" ? Dump::kTable
                    : given.value == "pfc" ? Dump::kPfc
                                           : Dump::kBpf;
  } else {
    return false;
  }
  return true;
}

}  // namespace sandbox::exec_tool
