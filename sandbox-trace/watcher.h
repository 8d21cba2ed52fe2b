// The receiving side of sandbox-trace: a listener of its own, or copies from whoever has it.

#ifndef SANDBOX_TRACE_WATCHER_H_
#define SANDBOX_TRACE_WATCHER_H_

#include <optional>

#include "absl/status/status.h"
#include "lib/fd/message.h"
#include "lib/fd/unique_fd.h"
#include "lib/notify/listener.h"
#include "lib/proc/event_loop.h"
#include "sandbox-trace/recorder.h"

namespace sandbox::trace_tool {

// Serves the socket of an interest: a listener makes this process the one that receives, anything else
// is an observation that another supervisor sends.
class Watcher {
 public:
  // Takes the socket; the recorder is borrowed.
  Watcher(UniqueFd socket, Recorder* recorder) : socket_(std::move(socket)), recorder_(recorder) {}

  // Watches in `loop`, for good.
  absl::Status Serve(proc::EventLoop* loop);

  // Takes what is still queued; after the command has ended.
  void Drain();

 private:
  // False when there is no more.
  bool OnMessage();
  absl::Status TakeListener(Message message);
  void OnCall();

  UniqueFd socket_;
  Recorder* recorder_;
  std::optional<notify::Listener> listener_;
  proc::EventLoop* loop_ = nullptr;
};

}  // namespace sandbox::trace_tool

#endif  // SANDBOX_TRACE_WATCHER_H_
