// The process that enters the namespaces and builds everything in them, so that the keeper stays
// outside and a failed set-up can be told from a started command.

#ifndef LIB_REALISE_STAGEHAND_H_
#define LIB_REALISE_STAGEHAND_H_

#include <sys/types.h>

#include "lib/ns/user_maps.h"
#include "lib/realise/plan.h"
#include "lib/realise/set_up.h"

namespace sandbox::realise {

// The descriptors that a stagehand inherits from the keeper.
struct Wires {
  pid_t keeper = 0;
  int keeper_pidfd = -1;
  ns::MapRequest maps;
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
