// What users say of system calls, made into filters.

#ifndef LIB_SECCOMP_USER_FILTER_H_
#define LIB_SECCOMP_USER_FILTER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/seccomp/policy.h"
#include "lib/seccomp/prebuilt.h"

namespace sandbox::seccomp {

struct UserRules {
  std::vector<std::string> deny;     // as rule_text.h says; without an answer EPERM
  std::vector<std::string> allow;    // the same, without answers
  std::optional<Action> otherwise;   // an allow-list: for calls that nothing allows
  std::optional<Policy> profile;     // of a file; together with `deny` only
};

struct UserFilter {
  std::vector<Rule> lifted;      // calls of the default filter to allow, see lift.h
  std::optional<Policy> policy;  // to be put on after the default filter
};

// Beside the default filter `variant`, which goes on to hold but for what is lifted:
// - `allow` lifts what the default filter refuses, where that may be; a group lifts of its members
//   what may be lifted, and only whole calls.
// - With `otherwise`, what neither `allow` nor @baseline has gets that answer. A call of @baseline
//   that `allow` has with conditions is allowed with these only.
// - `deny` is judged first; what is denied unconditionally and allowed is an error.
// Names that this architecture does not have are skipped in groups. InvalidArgument, naming the
// rule, for all else.
absl::StatusOr<UserFilter> MakeUserFilter(const UserRules& rules, Variant variant);

}  // namespace sandbox::seccomp

#endif  // LIB_SECCOMP_USER_FILTER_H_
