#include "lib/realise/rules.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"
#include "lib/landlock/abi.h"
#include "lib/landlock/access.h"
#include "lib/notify/calls.h"

namespace sandbox::realise {
namespace {

using landlock::Access;

struct Rule {
  std::string path;
  Access access;
  bool may_miss;  // not in every view
};

Access AccessOf(const view::Grant& grant) {
  const Access full = grant.write ? landlock::kWrite : landlock::kReadExecute;
  return grant.execute ? full : full.Without(landlock::kExecute);
}

std::vector<Rule> RulesOf(const Plan& plan) {
  std::vector<Rule> rules;
  for (const view::Grant& grant : plan.view.grants) {
    rules.push_back({grant.path, AccessOf(grant), false});
  }
  if (plan.has_view) {
    // What is not granted is not there: listing what is tells nothing.
    rules.push_back({"/", Access(uapi::landlock::kAccessFsReadDir), false});
    rules.push_back({"/proc", landlock::kRead, true});
  }
  if (!plan.view.system) return rules;
  if (plan.has_view) {
    rules.push_back({"/dev", landlock::kRead | landlock::kWriteExisting, false});
    rules.push_back({"/dev/shm", landlock::kWrite, false});
    rules.push_back({"/tmp", landlock::kWrite, false});
    if (!plan.view.home.empty()) rules.push_back({plan.view.home, landlock::kWrite, true});
    return rules;
  }
  for (const char* name : {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts"}) {
    rules.push_back({absl::StrCat("/dev/", name), landlock::kRead | landlock::kWriteExisting, true});
  }
  rules.push_back({"/proc", landlock::kRead, true});
  return rules;
}

bool Wants(const Plan& plan, absl::string_view kind) {
  for (const Observer& observer : plan.observers) {
    for (const std::string& call : observer.calls) {
      if (call == kind) return true;
    }
  }
  return kind == "connect" && DecidesConnect(plan);
}

}  // namespace

absl::StatusOr<landlock::Ruleset> MakeRuleset(const Plan& plan, bool scopes) {
  ASSIGN_OR_RETURN(const landlock::Abi abi, landlock::ProbeAbi());
  landlock::RulesetBuilder builder(abi);
  std::vector<UniqueFd> opened;  // until the ruleset is built
  for (const Rule& rule : RulesOf(plan)) {
    UniqueFd fd(open(rule.path.c_str(), O_PATH | O_CLOEXEC));
    if (!fd.ok()) {
      if (rule.may_miss && errno == ENOENT) continue;
      return ErrnoError(errno, "open", rule.path);
    }
    builder.AllowBeneath(fd.get(), rule.access);
    opened.push_back(std::move(fd));
  }
  if (scopes) builder.ScopeSignals().ScopeAbstractUnix();
  // Where the net namespace does not: no TCP by any port. The filter refuses the sockets as well.
  if (!plan.strict) builder.DenyTcp();
  return std::move(builder).Build();
}

absl::Status EnforceLandlock(const Plan& plan, Engaged* engaged) {
  ASSIGN_OR_RETURN(const landlock::Ruleset ruleset, MakeRuleset(plan, /*scopes=*/true));
  ASSIGN_OR_RETURN(const landlock::Enforcement enforcement, ruleset.Enforce());
  engaged->landlock_abi = enforcement.abi.version;
  for (const landlock::Gap gap : enforcement.gaps) engaged->gaps |= 1u << static_cast<int>(gap);
  return absl::OkStatus();
}

bool DecidesConnect(const Plan& plan) {
  return plan.unix_sockets == UnixSockets::kWritable || plan.unix_sockets == UnixSockets::kInside;
}

seccomp::Variant DefaultVariant(const Plan& plan) {
  using seccomp::Variant;
  const bool inet = plan.filter == Filter::kInet;
  if (DecidesConnect(plan)) return inet ? Variant::kInetGuarded : Variant::kUnixGuarded;
  if (plan.unix_sockets == UnixSockets::kNone) return Variant::kUnixOnlyNoConnect;
  return inet ? Variant::kInet : Variant::kUnixOnly;
}

seccomp::Policy TrappedCalls(const Plan& plan) {
  seccomp::Policy policy;  // allows what it does not trap, whatever the architecture
  for (const notify::Call& call : notify::Calls()) {
    if (!Wants(plan, call.kind)) continue;
    policy.rules.push_back(
        {.number = static_cast<uint32_t>(call.number), .conditions = {}, .action = seccomp::kNotify});
  }
  return policy;
}

}  // namespace sandbox::realise
