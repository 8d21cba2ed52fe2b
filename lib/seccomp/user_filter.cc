#include "lib/seccomp/user_filter.h"

#include <cerrno>
#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/seccomp/groups.h"
#include "lib/seccomp/lift.h"
#include "lib/seccomp/names.h"
#include "lib/seccomp/rule_text.h"

namespace sandbox::seccomp {
namespace {

// One call of a user's rule.
struct Entry {
  Rule rule;
  std::string name;
  bool in_group;
};

absl::Status Wrong(const char* option, absl::string_view text, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat("--", option, " ", text, ": ", reason));
}

absl::Status AddGroup(const RuleText& text, Action answer, std::vector<Entry>* entries) {
  const std::vector<std::string> members = GroupMembers(text.name);
  if (members.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no group ", text.name, "; see --list-groups"));
  }
  for (const std::string& member : members) {
    ASSIGN_OR_RETURN(RuleText call, ParseRule(member));
    const auto number = SyscallNumber(call.name);
    if (!number.has_value()) continue;
    entries->push_back(
        {.rule = {.number = *number, .conditions = {}, .action = answer, .wide = call.conditions},
         .name = call.name,
         .in_group = true});
  }
  return absl::OkStatus();
}

absl::Status AddRule(const RuleText& text, Action answer, std::vector<Entry>* entries) {
  if (text.IsGroup()) return AddGroup(text, answer, entries);
  const auto number = SyscallNumber(text.name);
  if (!number.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("there is no system call ", text.name));
  }
  entries->push_back(
      {.rule = {.number = *number, .conditions = {}, .action = answer, .wide = text.conditions},
       .name = text.name,
       .in_group = false});
  return absl::OkStatus();
}

// Names before groups: what is said of one call counts more.
std::vector<Rule> InOrder(const std::vector<Entry>& entries) {
  std::vector<Rule> rules;
  for (const bool in_group : {false, true}) {
    for (const Entry& entry : entries) {
      if (entry.in_group == in_group) rules.push_back(entry.rule);
    }
  }
  return rules;
}

absl::StatusOr<std::vector<Entry>> Denied(const UserRules& rules) {
  std::vector<Entry> entries;
  for (const std::string& text : rules.deny) {
    const absl::StatusOr<RuleText> rule = ParseRule(text);
    if (!rule.ok()) return Wrong("deny-syscall", text, rule.status().message());
    const Action answer = rule->answer.value_or(Errno(EPERM));
    if (answer == kLog && rules.profile.has_value()) {
      return Wrong("deny-syscall", text, "log it in the profile: it would allow the call");
    }
    const absl::Status added = AddRule(*rule, answer, &entries);
    if (!added.ok()) return Wrong("deny-syscall", text, added.message());
  }
  // The answer to a call is said once.
  std::map<std::pair<uint32_t, bool>, Action> answers;
  for (const Entry& entry : entries) {
    if (!entry.rule.IsUnconditional()) continue;
    const auto [known, added] =
        answers.emplace(std::pair(entry.rule.number, entry.in_group), entry.rule.action);
    if (!added && known->second != entry.rule.action) {
      return Wrong("deny-syscall", entry.name,
                   absl::StrCat("denied with ", AnswerText(known->second), " and with ",
                                AnswerText(entry.rule.action)));
    }
  }
  return entries;
}

// Notes in `lifted` what of `entry` the default filter has to give up.
absl::Status Lift(const UserRules& rules, const Entry& entry, Variant variant,
                  std::vector<Rule>* lifted) {
  const uint32_t number = entry.rule.number;
  const bool refused_whole = IsRefusedWhole(variant, number);
  const char* reason = WhyNotLifted(variant, number);
  if (reason != nullptr) {
    // In a list it stands for what the default filter leaves of the call.
    const bool leaves_some = !refused_whole || number == SyscallNumber("clone3");
    if (entry.in_group || (leaves_some && rules.otherwise.has_value())) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("cannot be allowed: ", reason));
  }
  if (!entry.in_group || refused_whole) lifted->push_back(entry.rule);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Entry>> Allowed(const UserRules& rules, Variant variant,
                                           std::vector<Rule>* lifted) {
  std::vector<Entry> entries;
  for (const std::string& text : rules.allow) {
    const absl::StatusOr<RuleText> rule = ParseRule(text);
    if (!rule.ok()) return Wrong("allow-syscall", text, rule.status().message());
    if (rule->answer.has_value()) return Wrong("allow-syscall", text, "takes no answer");
    const size_t first = entries.size();
    const absl::Status added = AddRule(*rule, kAllow, &entries);
    if (!added.ok()) return Wrong("allow-syscall", text, added.message());
    for (size_t i = first; i < entries.size(); ++i) {
      const absl::Status status = Lift(rules, entries[i], variant, lifted);
      if (!status.ok()) return Wrong("allow-syscall", text, status.message());
    }
  }
  return entries;
}

absl::Status CheckAgreement(const std::vector<Entry>& denied, const std::vector<Entry>& allowed) {
  std::set<uint32_t> never;
  for (const Entry& entry : denied) {
    if (entry.rule.IsUnconditional()) never.insert(entry.rule.number);
  }
  for (const Entry& entry : allowed) {
    if (never.count(entry.rule.number) == 0) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "--deny-syscall and --allow-syscall contradict each other on ", entry.name));
  }
  return absl::OkStatus();
}

// @baseline, but for the calls that the user has spoken of.
absl::Status AddBaseline(std::vector<Entry>* allowed) {
  std::set<uint32_t> spoken;
  for (const Entry& entry : *allowed) {
    if (!entry.in_group) spoken.insert(entry.rule.number);
  }
  std::vector<Entry> baseline;
  RETURN_IF_ERROR(AddGroup({.name = kBaseline, .conditions = {}, .answer = {}}, kAllow, &baseline));
  for (Entry& entry : baseline) {
    if (spoken.count(entry.rule.number) == 0) allowed->push_back(std::move(entry));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<UserFilter> MakeUserFilter(const UserRules& rules, Variant variant) {
  if (rules.profile.has_value() && (!rules.allow.empty() || rules.otherwise.has_value())) {
    return absl::InvalidArgumentError(
        "--seccomp-profile says itself what is allowed: leave --allow-syscall and "
        "--syscall-default out");
  }
  UserFilter filter;
  ASSIGN_OR_RETURN(const std::vector<Entry> denied, Denied(rules));
  ASSIGN_OR_RETURN(std::vector<Entry> allowed, Allowed(rules, variant, &filter.lifted));
  RETURN_IF_ERROR(CheckAgreement(denied, allowed));
  Policy policy{.rules = InOrder(denied), .otherwise = kAllow, .unknown = Errno(ENOSYS),
                .foreign = kKillProcess};
  if (rules.profile.has_value()) {
    Policy profile = *rules.profile;
    profile.rules.insert(profile.rules.begin(), policy.rules.begin(), policy.rules.end());
    policy = std::move(profile);
  } else if (rules.otherwise.has_value()) {
    RETURN_IF_ERROR(AddBaseline(&allowed));
    const std::vector<Rule> list = InOrder(allowed);
    policy.rules.insert(policy.rules.end(), list.begin(), list.end());
    policy.otherwise = *rules.otherwise;
    // Libraries fall back where a call is not there.
    if (policy.otherwise == kKillProcess) policy.unknown = kKillProcess;
  } else if (policy.rules.empty()) {
    return filter;
  }
  filter.policy = std::move(policy);
  return filter;
}

}  // namespace sandbox::seccomp
