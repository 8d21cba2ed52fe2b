// One rule as users write it: NAME(CONDITION,...)[:ANSWER] or @GROUP[:ANSWER]. Pure text: names are
// not looked up.

#ifndef LIB_SECCOMP_RULE_TEXT_H_
#define LIB_SECCOMP_RULE_TEXT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/seccomp/policy.h"

namespace sandbox::seccomp {

struct RuleText {
  std::string name;  // of a call, or of a group with its @
  std::vector<WideCondition> conditions;
  std::optional<Action> answer;

  bool IsGroup() const { return name[0] == '@'; }
};

// CONDITION is argN[&MASK] OP VALUE with N from 0 to 5 and OP one of == != < <= > >=, unsigned, on
// all 64 bits; intN is the low 32 bits, which are all that the kernel takes of an int. Numbers are
// decimal, 0x hexadecimal or 0 octal, and may be negative. InvalidArgument says what is wrong.
absl::StatusOr<RuleText> ParseRule(absl::string_view text);

// ERRNO (a name or 1 to 4095), kill or log.
absl::StatusOr<Action> ParseAnswer(absl::string_view text);

// As ParseAnswer reads it; also "allow", "trap" and "notify".
std::string AnswerText(Action action);

// As ParseRule reads it.
std::string ConditionText(const WideCondition& condition);

}  // namespace sandbox::seccomp

#endif  // LIB_SECCOMP_RULE_TEXT_H_
