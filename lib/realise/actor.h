// The process that connects sockets on behalf of the command, standing where the command stands.

#ifndef LIB_REALISE_ACTOR_H_
#define LIB_REALISE_ACTOR_H_

#include <cstdint>
#include <sys/types.h>

#include "lib/realise/plan.h"
#include "lib/realise/set_up.h"

namespace sandbox::realise {

// One connect(), as a message to the actor: this, and two descriptors, a copy of the socket and the
// directory that a relative path starts at.
struct ConnectOrder {
  uint64_t id;
  uint32_t size;      // of address
  char address[128];  // as the caller gave it, copied once
};

// What came of it.
struct ConnectResult {
  uint64_t id;
  int32_t err;  // 0 or an errno; kRetry: not settled yet, ask again
};

inline constexpr int32_t kRetry = -1;

// Waits until the command is confined, puts the command's own Landlock ruleset on itself, and then
// connects as `orders` says, until that socket ends. It holds no capability and is outside the
// command's pid namespace. No order blocks it for longer than a few milliseconds. `proc` is the
// caller's own /proc: by the time that the actor runs, the path may lead to the command's, which
// does not know the actor.
[[noreturn]] void RunActor(const Plan& plan, int orders, int keeper_pidfd, int proc, SetUp* page);

}  // namespace sandbox::realise

#endif  // LIB_REALISE_ACTOR_H_
