// Pid 1 of the command's pid namespace: reaps, and ends with the keeper.

#ifndef LIB_REALISE_INIT_H_
#define LIB_REALISE_INIT_H_

#include <string>

#include "lib/realise/set_up.h"

namespace sandbox::realise {

struct InitPlan {
  std::string proc;        // where to mount the namespace's /proc
  bool read_only_sysctl;   // for a user whose uid may write /proc/sys by its number alone
  int keeper_pidfd;        // its end ends us; taken
  int questions;           // seqpacket, taken: a signal's number in, 1 or 0 out
};

// Mounts /proc, says so in `page`, then reaps whatever ends until the keeper is gone. All signals
// are blocked: one that waits here was sent to the whole process group, and the keeper asks.
[[noreturn]] void RunInit(const InitPlan& plan, SetUp* page);

// Asks the init behind `socket` whether `signal` had reached it, and clears it there. False too when
// it does not answer: it has ended, or somebody has stopped it.
bool AskInit(int socket, int signal);

}  // namespace sandbox::realise

#endif  // LIB_REALISE_INIT_H_
