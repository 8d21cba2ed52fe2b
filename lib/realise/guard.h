// The keeper of sandbox-exec as the one that receives notifications: it decides connect() and tells
// the observers of everything.

#ifndef LIB_REALISE_GUARD_H_
#define LIB_REALISE_GUARD_H_

#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "lib/fd/unique_fd.h"
#include "lib/notify/listener.h"
#include "lib/notify/observation.h"
#include "lib/proc/event_loop.h"
#include "lib/realise/plan.h"

namespace sandbox::realise {

// Copies each call's arguments once, has connect() done by the actor on that copy, lets other calls
// go on, and sends observers what was decided on. Whatever fails on our side denies.
class Guard {
 public:
  // Takes all descriptors: the stagehand's socket, the actor's, the observers'.
  Guard(UniqueFd router, UniqueFd actor, std::vector<Observer> observers);

  // Where the stagehand hands the listener over.
  int router() const { return router_.get(); }
  absl::Status TakeListener();

  // Watches listener and actor in `loop`, for good.
  absl::Status Serve(proc::EventLoop* loop);

 private:
  // A connect() that has been ordered.
  struct Pending {
    notify::Observation seen;
    UniqueFd socket;
    UniqueFd directory;
    bool waits = false;  // for the next try
  };

  void OnCall();
  void OnResult();
  void OnTimer();
  void Order(uint64_t id);
  void Finish(uint64_t id, int err);
  void Tell(const notify::Observation& seen);
  absl::Status Begin(const seccomp_notif& call, notify::Observation seen);

  UniqueFd router_;
  UniqueFd actor_;
  std::vector<Observer> observers_;
  std::optional<notify::Listener> listener_;
  UniqueFd timer_;
  std::map<uint64_t, Pending> pending_;
  proc::EventLoop* loop_ = nullptr;
};

}  // namespace sandbox::realise

#endif  // LIB_REALISE_GUARD_H_
