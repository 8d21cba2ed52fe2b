// The process that enters the namespaces and builds everything in them, so that the keeper stays
// outside and a failed set-up can be told from a started command.

#ifndef LIB_REALISE_STAGEHAND_H_
#define LIB_REALISE_STAGEHAND_H_

#include <sys/types.h>

#include "lib/realise/plan.h"
#include "lib/realise/set_up.h"

namespace sandbox::realise {

// The descriptors that a stagehand inherits from the keeper.
struct Wires {
  pid_t keeper = 0;
  int keeper_pidfd = -1;
  int want_maps = -1;  // see EnterNamespaces; -1 when the map is the caller's own
  int maps_done = -1;
  int init_questions = -1;  // for init
  int router = -1;          // seqpacket to whoever receives notifications; -1 without listener
  int actor_orders = -1;    // for the process that connects on behalf; -1 without
};

// Builds the sandbox, starts init and the command as children of the keeper, hands the listener
// over. Ends with 0 when the command is confined and waits to be let go, else with 125 and the reason
// in `page`.
[[noreturn]] void RunStagehand(const Plan& plan, const Wires& wires, SetUp* page);

}  // namespace sandbox::realise

#endif  // LIB_REALISE_STAGEHAND_H_
