#include "sandbox-trace/watcher.h"

#include <poll.h>
#include <sys/epoll.h>
#include <utility>

#include "lib/base/status.h"
#include "lib/fd/message.h"
#include "lib/notify/hand_over.h"
#include "lib/notify/observation.h"

namespace sandbox::trace_tool {

absl::Status Watcher::Serve(proc::EventLoop* loop) {
  loop_ = loop;
  return loop->Watch(socket_.get(), EPOLLIN, [this](uint32_t) {
    if (!OnMessage()) loop_->Unwatch(socket_.get());
  });
}

void Watcher::Drain() {
  pollfd ready = {.fd = socket_.get(), .events = POLLIN, .revents = 0};
  while (poll(&ready, 1, 0) == 1 && OnMessage()) continue;
}

bool Watcher::OnMessage() {
  auto message = ReceiveMessage(socket_.get(), notify::kMaxObservationBytes);
  if (!message.ok()) return false;
  if (notify::BringsListener(*message)) {
    const absl::Status status = TakeListener(*std::move(message));
    // Unless the answer is good, the command never starts.
    return notify::AnswerGiver(socket_.get(), status).ok() && status.ok();
  }
  const auto seen = notify::Decode(message->data);
  if (seen.ok()) recorder_->Record(*seen);
  return true;
}

absl::Status Watcher::TakeListener(Message message) {
  ASSIGN_OR_RETURN(listener_, notify::TakeListener(std::move(message)));
  return loop_->Watch(listener_->fd(), EPOLLIN, [this](uint32_t) { OnCall(); });
}

void Watcher::OnCall() {
  const auto call = listener_->Receive();
  if (!call.ok()) return loop_->Unwatch(listener_->fd());  // no target is left
  if (!call->has_value()) return;
  const notify::Observation seen = notify::Observe(**call);
  if (!listener_->IsWaiting((*call)->id)) return;
  // Observed only: what the kernel does with the call, other layers decide.
  listener_->Continue((*call)->id).IgnoreError();  // fails when the caller is gone
  recorder_->Record(seen);
}

}  // namespace sandbox::trace_tool
