// From a plan to the rules of the mechanisms that enforce it on the command.

#ifndef LIB_REALISE_RULES_H_
#define LIB_REALISE_RULES_H_

#include <linux/seccomp.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/landlock/ruleset.h"
#include "lib/realise/engaged.h"
#include "lib/realise/plan.h"
#include "lib/seccomp/policy.h"
#include "lib/seccomp/prebuilt.h"

namespace sandbox::realise {

// The Landlock ruleset of the plan's grants, opened where the caller stands: inside the view when
// there is one. Signals and abstract sockets are kept inside too.
absl::StatusOr<landlock::Ruleset> MakeRuleset(const Plan& plan);

// MakeRuleset(), enforced on the caller; notes ABI and gaps in `engaged`.
absl::Status EnforceLandlock(const Plan& plan, Engaged* engaged);

// Which of the prebuilt default filters the plan wants.
seccomp::Variant DefaultVariant(const Plan& plan);

// What the plan takes back of the sockets that the default filter leaves; without rules when nothing.
seccomp::Policy NarrowedSockets(const Plan& plan);

// What is to be told to a supervisor; without rules when there is nothing.
seccomp::Policy TrappedCalls(const Plan& plan);

// Which calls are decided by us rather than let through.
struct Decisions {
  bool connect = false;
  bool writes = false;  // opens for writing or creating, changes of names and metadata, bind()
  bool reads = false;   // every open

  bool any() const { return connect || writes; }
  // Whether this call is; by registers alone, which the caller cannot change any more.
  bool Includes(const seccomp_notif& call) const;
};
Decisions DecisionsOf(const Plan& plan);

}  // namespace sandbox::realise

#endif  // LIB_REALISE_RULES_H_
