#include "lib/seccomp/rule_text.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/status.h"

namespace sandbox::seccomp {
namespace {

constexpr int kMostErrno = 4095;        // what the kernel lets a filter say
constexpr int kLastNamedErrno = 133;
constexpr uint64_t kIntMask = 0xffffffff;
constexpr size_t kMostConditions = 6;

struct Operator {
  const char* text;
  Compare compare;
};
// The longer first.
constexpr Operator kOperators[] = {
    {"==", Compare::kEqual},       {"!=", Compare::kNotEqual}, {"<=", Compare::kLessOrEqual},
    {">=", Compare::kGreaterOrEqual}, {"<", Compare::kLess},   {">", Compare::kGreater}};

absl::StatusOr<uint64_t> ParseNumber(absl::string_view text) {
  const std::string number(absl::StripAsciiWhitespace(text));
  const size_t first = absl::StartsWith(number, "-") ? 1 : 0;
  char* end = nullptr;
  errno = 0;
  const uint64_t value =
      number.size() > first && absl::ascii_isdigit(number[first])
          ? strtoull(number.c_str() + first, &end, 0)
          : 0;
  if (end == nullptr || *end != '\0' || errno != 0 || (first == 1 && value > uint64_t{1} << 63)) {
    return absl::InvalidArgumentError(absl::StrCat("'", number, "' is not a number of 64 bits"));
  }
  return first == 1 ? -value : value;
}

absl::StatusOr<WideCondition> ParseCondition(absl::string_view text) {
  const size_t at = text.find_first_of("=!<>");
  absl::string_view left = absl::StripAsciiWhitespace(text.substr(0, at));
  absl::string_view right = at == absl::string_view::npos ? "" : text.substr(at);
  std::pair<absl::string_view, absl::string_view> masked =
      absl::StrSplit(left, absl::MaxSplits('&', 1));
  const absl::string_view argument = absl::StripAsciiWhitespace(masked.first);
  const bool is_int = absl::StartsWith(argument, "int");
  if (argument.size() != 4 || (!is_int && !absl::StartsWith(argument, "arg")) ||
      argument[3] < '0' || argument[3] > '5') {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", argument, "' is no argument: write arg0 to arg5, or int0 to int5 for 32 bits"));
  }
  WideCondition condition = {.argument = argument[3] - '0',
                             .mask = is_int ? kIntMask : ~uint64_t{0},
                             .compare = Compare::kEqual,
                             .value = 0};
  if (masked.second.data() != nullptr && absl::StrContains(left, "&")) {
    ASSIGN_OR_RETURN(const uint64_t mask, ParseNumber(masked.second));
    condition.mask &= mask;
  }
  for (const Operator& candidate : kOperators) {
    if (!absl::ConsumePrefix(&right, candidate.text)) continue;
    condition.compare = candidate.compare;
    ASSIGN_OR_RETURN(condition.value, ParseNumber(right));
    // -1 of an int; anything else that is too large is a mistake, and never true.
    if (is_int && static_cast<int64_t>(condition.value) < 0) condition.value &= kIntMask;
    if (is_int && condition.value > kIntMask) {
      return absl::InvalidArgumentError(absl::StrCat("'", text, "': an int has 32 bits"));
    }
    return condition;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "': write ARG OP VALUE with OP one of == != < <= > >="));
}

}  // namespace

absl::StatusOr<Action> ParseAnswer(absl::string_view text) {
  if (text == "kill") return kKillProcess;
  if (text == "log") return kLog;
  for (int number = 1; number <= kLastNamedErrno; ++number) {
    const char* name = strerrorname_np(number);
    if (name != nullptr && text == name) return Errno(number);
  }
  int number = 0;
  if (absl::SimpleAtoi(text, &number) && number >= 1 && number <= kMostErrno) return Errno(number);
  return absl::InvalidArgumentError(absl::StrCat(
      "'", text, "' is no answer: write an error (EPERM, or its number), kill or log"));
}

absl::StatusOr<RuleText> ParseRule(absl::string_view text) {
  RuleText rule;
  const size_t name_end = text.find_first_of("(:");
  rule.name = std::string(text.substr(0, name_end));
  if (rule.name.empty() || rule.name == "@") {
    return absl::InvalidArgumentError("a call or an @group is named first");
  }
  absl::string_view rest = name_end == absl::string_view::npos ? "" : text.substr(name_end);
  if (absl::ConsumePrefix(&rest, "(")) {
    const size_t close = rest.find(')');
    if (close == absl::string_view::npos) return absl::InvalidArgumentError("')' is missing");
    if (rule.IsGroup()) return absl::InvalidArgumentError("a group takes no conditions");
    for (const absl::string_view part : absl::StrSplit(rest.substr(0, close), ',')) {
      ASSIGN_OR_RETURN(const WideCondition condition, ParseCondition(part));
      rule.conditions.push_back(condition);
    }
    if (rule.conditions.size() > kMostConditions) {
      return absl::InvalidArgumentError(
          absl::StrCat("at most ", kMostConditions, " conditions of one rule"));
    }
    rest.remove_prefix(close + 1);
  }
  if (absl::ConsumePrefix(&rest, ":")) {
    ASSIGN_OR_RETURN(rule.answer, ParseAnswer(rest));
  } else if (!rest.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("'", rest, "' after ')'"));
  }
  return rule;
}

std::string AnswerText(Action action) {
  const uint32_t data = action & SECCOMP_RET_DATA;
  switch (action & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
      return "allow";
    case SECCOMP_RET_LOG:
      return "log";
    case SECCOMP_RET_KILL_PROCESS:
      return "kill";
    case SECCOMP_RET_KILL_THREAD:
      return "kill-thread";
    case SECCOMP_RET_TRAP:
      return "trap";
    case SECCOMP_RET_USER_NOTIF:
      return "notify";
    case SECCOMP_RET_ERRNO: {
      const char* name = strerrorname_np(static_cast<int>(data));
      return name != nullptr ? name : absl::StrCat(data);
    }
    default:
      return absl::StrCat("0x", absl::Hex(action));
  }
}

std::string ConditionText(const WideCondition& condition) {
  std::string text = condition.mask == kIntMask ? "int" : "arg";
  absl::StrAppend(&text, condition.argument);
  if (condition.mask != kIntMask && condition.mask != ~uint64_t{0}) {
    absl::StrAppend(&text, "&0x", absl::Hex(condition.mask));
  }
  for (const Operator& candidate : kOperators) {
    if (candidate.compare == condition.compare) absl::StrAppend(&text, candidate.text);
  }
  return absl::StrCat(text, "0x", absl::Hex(condition.value));
}

}  // namespace sandbox::seccomp
