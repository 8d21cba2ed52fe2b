#include "lib/oci/seccomp_profile.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/oci/json.h"
#include "lib/seccomp/names.h"

namespace sandbox::oci {
namespace {

using seccomp::Action;
using seccomp::Compare;
using seccomp::Rule;
using seccomp::WideCondition;

constexpr uint64_t kMostErrno = 4095;
constexpr char kArch[] = "amd64";  // as Go has it

constexpr const char* kTopKeys[] = {"defaultAction", "defaultErrnoRet",  "architectures",
                                    "archMap",       "flags",            "syscalls",
                                    "listenerPath",  "listenerMetadata"};
constexpr const char* kArchKeys[] = {"architecture", "subArchitectures"};
constexpr const char* kCallKeys[] = {"names", "name",     "action",   "errnoRet",
                                     "args",  "comment",  "includes", "excludes"};
constexpr const char* kArgKeys[] = {"index", "value", "valueTwo", "op"};
constexpr const char* kWhereKeys[] = {"arches", "caps", "minKernel"};

struct NamedAction {
  const char* name;
  Action action;
};
constexpr NamedAction kActions[] = {{"SCMP_ACT_ALLOW", seccomp::kAllow},
                                    {"SCMP_ACT_LOG", seccomp::kLog},
                                    {"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD},
                                    {"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD},
                                    {"SCMP_ACT_KILL_PROCESS", seccomp::kKillProcess},
                                    {"SCMP_ACT_TRAP", SECCOMP_RET_TRAP}};

struct NamedCompare {
  const char* name;
  Compare compare;
};
constexpr NamedCompare kCompares[] = {
    {"SCMP_CMP_EQ", Compare::kEqual},       {"SCMP_CMP_NE", Compare::kNotEqual},
    {"SCMP_CMP_LT", Compare::kLess},        {"SCMP_CMP_LE", Compare::kLessOrEqual},
    {"SCMP_CMP_GT", Compare::kGreater},     {"SCMP_CMP_GE", Compare::kGreaterOrEqual}};

// "5.10.0-21-amd64" as 5, 10.
absl::StatusOr<std::pair<int, int>> KernelVersion(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, absl::ByAnyChar(".-+"));
  int major = 0;
  int minor = 0;
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[0], &major) ||
      !absl::SimpleAtoi(parts[1], &minor)) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' is no kernel version"));
  }
  return std::pair(major, minor);
}

// The action that `holder` names under `key`, with the error under `error_key`.
absl::StatusOr<Action> ActionOf(const JsonValue& holder, const char* key, const char* error_key) {
  if (!holder.Has(key)) return holder.Wrong(absl::StrCat("\"", key, "\" is missing"));
  const JsonValue value = holder.Get(key);
  ASSIGN_OR_RETURN(const std::string name, value.String());
  if (name == "SCMP_ACT_ERRNO") {
    uint64_t error = EPERM;
    if (holder.Has(error_key)) {
      ASSIGN_OR_RETURN(error, holder.Get(error_key).Number());
      if (error > kMostErrno) return holder.Get(error_key).Wrong("an error is at most 4095");
    }
    return seccomp::Errno(static_cast<int>(error));
  }
  if (name == "SCMP_ACT_NOTIFY" || name == "SCMP_ACT_TRACE") {
    return value.Wrong(absl::StrCat(name, " needs a supervisor, and there is none here"));
  }
  for (const NamedAction& candidate : kActions) {
    if (name == candidate.name) return candidate.action;
  }
  return value.Wrong(absl::StrCat("there is no action ", name));
}

absl::StatusOr<WideCondition> ConditionOf(const JsonValue& arg) {
  RETURN_IF_ERROR(arg.CheckObject(kArgKeys));
  if (!arg.Has("index") || !arg.Has("op")) return arg.Wrong("\"index\" and \"op\" are needed");
  ASSIGN_OR_RETURN(const uint64_t index, arg.Get("index").Number());
  if (index > 5) return arg.Get("index").Wrong("a call has arguments 0 to 5");
  uint64_t value = 0;
  uint64_t second = 0;
  if (arg.Has("value")) {
    ASSIGN_OR_RETURN(value, arg.Get("value").Number());
  }
  if (arg.Has("valueTwo")) {
    ASSIGN_OR_RETURN(second, arg.Get("valueTwo").Number());
  }
  ASSIGN_OR_RETURN(const std::string op, arg.Get("op").String());
  const int argument = static_cast<int>(index);
  if (op == "SCMP_CMP_MASKED_EQ") return WideCondition{argument, value, Compare::kEqual, second};
  for (const NamedCompare& candidate : kCompares) {
    if (op == candidate.name) {
      return WideCondition{argument, ~uint64_t{0}, candidate.compare, value};
    }
  }
  return arg.Get("op").Wrong(absl::StrCat("there is no comparison ", op));
}

// The alternatives under which a rule holds; one without conditions where it always does.
absl::StatusOr<std::vector<std::vector<WideCondition>>> AlternativesOf(const JsonValue& call) {
  std::vector<WideCondition> all;
  std::set<int> arguments;
  if (call.Has("args")) {
    ASSIGN_OR_RETURN(const std::vector<JsonValue> args, call.Get("args").Array());
    for (const JsonValue& arg : args) {
      ASSIGN_OR_RETURN(const WideCondition condition, ConditionOf(arg));
      arguments.insert(condition.argument);
      all.push_back(condition);
    }
  }
  std::vector<std::vector<WideCondition>> alternatives;
  if (arguments.size() == all.size()) {
    alternatives.push_back(std::move(all));
    return alternatives;
  }
  for (const WideCondition& condition : all) alternatives.push_back({condition});
  return alternatives;
}

// What an "includes" or "excludes" names, of which each part may be missing.
struct Where {
  std::optional<bool> arch;
  std::optional<bool> caps;
  std::optional<bool> kernel;
};

absl::StatusOr<Where> WhereOf(const JsonValue& value, absl::string_view release) {
  RETURN_IF_ERROR(value.CheckObject(kWhereKeys));
  Where where;
  if (value.Has("arches")) {
    ASSIGN_OR_RETURN(const std::vector<std::string> arches, value.Get("arches").Strings());
    if (!arches.empty()) where.arch = std::find(arches.begin(), arches.end(), kArch) != arches.end();
  }
  if (value.Has("caps")) {
    ASSIGN_OR_RETURN(const std::vector<std::string> caps, value.Get("caps").Strings());
    if (!caps.empty()) where.caps = false;  // the command has none
  }
  if (value.Has("minKernel")) {
    ASSIGN_OR_RETURN(const std::string text, value.Get("minKernel").String());
    const auto wanted = KernelVersion(text);
    if (!wanted.ok()) return value.Get("minKernel").Wrong(wanted.status().message());
    ASSIGN_OR_RETURN(const auto running, KernelVersion(release));
    where.kernel = running >= *wanted;
  }
  return where;
}

absl::StatusOr<bool> IsMeant(const JsonValue& call, absl::string_view release) {
  bool meant = true;
  if (call.Has("includes")) {
    ASSIGN_OR_RETURN(const Where where, WhereOf(call.Get("includes"), release));
    meant = where.arch.value_or(true) && where.caps.value_or(true) && where.kernel.value_or(true);
  }
  if (call.Has("excludes")) {
    ASSIGN_OR_RETURN(const Where where, WhereOf(call.Get("excludes"), release));
    meant &= !where.arch.value_or(false) && !where.caps.value_or(false) &&
             !where.kernel.value_or(false);
  }
  return meant;
}

absl::StatusOr<std::vector<std::string>> NamesOf(const JsonValue& call) {
  if (call.Has("name") == call.Has("names")) {
    return call.Wrong("one of \"names\" and \"name\" is needed");
  }
  if (call.Has("names")) return call.Get("names").Strings();
  ASSIGN_OR_RETURN(std::string name, call.Get("name").String());
  return std::vector{std::move(name)};
}

absl::Status AddCall(const JsonValue& call, absl::string_view release, seccomp::Policy* policy) {
  RETURN_IF_ERROR(call.CheckObject(kCallKeys));
  ASSIGN_OR_RETURN(const Action action, ActionOf(call, "action", "errnoRet"));
  ASSIGN_OR_RETURN(const auto alternatives, AlternativesOf(call));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesOf(call));
  ASSIGN_OR_RETURN(const bool meant, IsMeant(call, release));
  if (!meant || action == policy->otherwise) return absl::OkStatus();
  for (const std::string& name : names) {
    const std::optional<uint32_t> number = seccomp::SyscallNumber(name);
    if (!number.has_value()) continue;
    for (const std::vector<WideCondition>& conditions : alternatives) {
      for (const Rule& rule : policy->rules) {
        if (rule.number == *number && rule.IsUnconditional() && conditions.empty() &&
            rule.action != action) {
          return call.Wrong(absl::StrCat(name, " has another answer already"));
        }
      }
      policy->rules.push_back(
          {.number = *number, .conditions = {}, .action = action, .wide = conditions});
    }
  }
  return absl::OkStatus();
}

// Names of architectures decide nothing here, but must be some.
absl::Status CheckArchitectures(const JsonValue& top) {
  std::vector<std::string> names;
  if (top.Has("architectures")) {
    ASSIGN_OR_RETURN(names, top.Get("architectures").Strings());
  }
  if (top.Has("archMap")) {
    ASSIGN_OR_RETURN(const std::vector<JsonValue> map, top.Get("archMap").Array());
    for (const JsonValue& entry : map) {
      RETURN_IF_ERROR(entry.CheckObject(kArchKeys));
      if (!entry.Has("architecture")) return entry.Wrong("\"architecture\" is missing");
      ASSIGN_OR_RETURN(names.emplace_back(), entry.Get("architecture").String());
      if (!entry.Has("subArchitectures")) continue;
      ASSIGN_OR_RETURN(const std::vector<std::string> more,
                       entry.Get("subArchitectures").Strings());
      names.insert(names.end(), more.begin(), more.end());
    }
  }
  for (const std::string& name : names) {
    if (!absl::StartsWith(name, "SCMP_ARCH_")) {
      return top.Wrong(absl::StrCat("there is no architecture ", name));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<seccomp::Policy> ParseSeccompProfile(absl::string_view json,
                                                    absl::string_view release) {
  rapidjson::Document document;
  ASSIGN_OR_RETURN(const JsonValue top, ParseJson(json, &document));
  RETURN_IF_ERROR(top.CheckObject(kTopKeys));
  if (top.Has("listenerPath")) return top.Get("listenerPath").Wrong("no listener can be had");
  RETURN_IF_ERROR(CheckArchitectures(top));
  seccomp::Policy policy;
  policy.foreign = seccomp::kKillProcess;
  ASSIGN_OR_RETURN(policy.otherwise, ActionOf(top, "defaultAction", "defaultErrnoRet"));
  const Action kind = policy.otherwise & SECCOMP_RET_ACTION_FULL;
  policy.unknown = kind == SECCOMP_RET_ERRNO || kind == SECCOMP_RET_ALLOW || kind == SECCOMP_RET_LOG
                       ? seccomp::Errno(ENOSYS)
                       : policy.otherwise;
  if (top.Has("syscalls")) {
    ASSIGN_OR_RETURN(const std::vector<JsonValue> calls, top.Get("syscalls").Array());
    for (const JsonValue& call : calls) RETURN_IF_ERROR(AddCall(call, release, &policy));
  }
  std::stable_partition(policy.rules.begin(), policy.rules.end(),
                        [](const Rule& rule) { return rule.IsUnconditional(); });
  return policy;
}

}  // namespace sandbox::oci
