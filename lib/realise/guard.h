// The keeper of sandbox-exec as the one that receives notifications: it has what is decided done by
// the actor, and tells the observers of everything.

#ifndef LIB_REALISE_GUARD_H_
#define LIB_REALISE_GUARD_H_

#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "lib/fd/unique_fd.h"
#include "lib/mediate/order.h"
#include "lib/notify/listener.h"
#include "lib/notify/observation.h"
#include "lib/proc/event_loop.h"
#include "lib/realise/plan.h"
#include "lib/realise/rules.h"

namespace sandbox::realise {

// Copies each call's arguments once, has those that are decided done by the actor on that copy, lets
// other calls go on, and sends observers what was decided on. Whatever fails on our side denies.
class Guard {
 public:
  // Takes all descriptors: the stagehand's socket, the actor's, the observers'.
  Guard(UniqueFd router, UniqueFd actor, const Decisions& decisions,
        std::vector<Observer> observers);

  // Where the stagehand hands the listener over.
  int router() const { return router_.get(); }
  absl::Status TakeListener();

  // Watches listener and actor in `loop`, for good.
  absl::Status Serve(proc::EventLoop* loop);

 private:
  // A call that has been ordered.
  struct Pending {
    notify::Observation seen;
    mediate::Order order;
    std::vector<UniqueFd> fds;
    bool waits = false;  // for the next try
  };

  void OnCall();
  void OnResult();
  void OnTimer();
  void Order(uint64_t id);
  void Begin(const seccomp_notif& call, notify::Observation seen);
  // Answers with `err`, or the descriptor when there is one.
  void Finish(uint64_t id, int err, UniqueFd opened = UniqueFd());
  void Tell(const notify::Observation& seen);

  UniqueFd router_;
  UniqueFd actor_;
  Decisions decisions_;
  std::vector<Observer> observers_;
  std::optional<notify::Listener> listener_;
  UniqueFd timer_;
  std::map<uint64_t, Pending> pending_;
  proc::EventLoop* loop_ = nullptr;
};

}  // namespace sandbox::realise

#endif  // LIB_REALISE_GUARD_H_
