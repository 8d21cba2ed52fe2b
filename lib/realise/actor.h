// The process that acts on behalf of the command, standing where the command stands.

#ifndef LIB_REALISE_ACTOR_H_
#define LIB_REALISE_ACTOR_H_

#include "lib/realise/plan.h"
#include "lib/realise/set_up.h"

namespace sandbox::realise {

// Does what `orders` says (mediate::Order in, mediate::Result out), one after the other, until that
// socket ends. It is in the command's pid namespace, mounts and root, holds no capability, and is
// in the Landlock domain that the command's own is nested in: with the command's rights, allowed to
// follow the command's descriptors in /proc, and out of its reach. No order holds up another for
// longer than a few milliseconds: what may sleep is left to a child.
[[noreturn]] void RunActor(const Plan& plan, int orders, int keeper_pidfd, SetUp* page);

}  // namespace sandbox::realise

#endif  // LIB_REALISE_ACTOR_H_
