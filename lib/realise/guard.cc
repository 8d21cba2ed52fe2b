#include "lib/realise/guard.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utility>

#include "lib/base/status.h"
#include "lib/fd/message.h"
#include "lib/mediate/reader.h"
#include "lib/notify/calls.h"
#include "lib/notify/hand_over.h"

namespace sandbox::realise {
namespace {

constexpr int64_t kRetryNs = 5'000'000;

}  // namespace

Guard::Guard(UniqueFd router, UniqueFd actor, const Decisions& decisions,
             std::vector<Observer> observers)
    : router_(std::move(router)),
      actor_(std::move(actor)),
      decisions_(decisions),
      observers_(std::move(observers)) {}

absl::Status Guard::TakeListener() {
  ASSIGN_OR_RETURN(Message message, ReceiveMessage(router_.get(), notify::kMaxHandOverBytes));
  auto listener = notify::TakeListener(std::move(message));
  RETURN_IF_ERROR(notify::AnswerGiver(router_.get(), listener.status()));
  RETURN_IF_ERROR(listener.status());
  listener_ = *std::move(listener);
  return absl::OkStatus();
}

absl::Status Guard::Serve(proc::EventLoop* loop) {
  loop_ = loop;
  if (!listener_.has_value()) return absl::InternalError("no listener was handed over");
  timer_.reset(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer_.ok()) return ErrnoError(errno, "timerfd_create");
  RETURN_IF_ERROR(loop->Watch(timer_.get(), EPOLLIN, [this](uint32_t) { OnTimer(); }));
  RETURN_IF_ERROR(loop->Watch(actor_.get(), EPOLLIN, [this](uint32_t) { OnResult(); }));
  return loop->Watch(listener_->fd(), EPOLLIN, [this](uint32_t) { OnCall(); });
}

void Guard::OnCall() {
  auto call = listener_->Receive();
  if (!call.ok()) return loop_->Unwatch(listener_->fd());  // nobody is left to ask
  if (!call->has_value()) return;
  const seccomp_notif& notification = **call;
  notify::Observation seen = notify::Observe(notification);
  if (decisions_.Includes(notification)) return Begin(notification, std::move(seen));
  if (!listener_->IsWaiting(notification.id)) return;
  Tell(seen);
  listener_->Continue(notification.id).IgnoreError();  // fails when the caller is gone
}

void Guard::Begin(const seccomp_notif& call, notify::Observation seen) {
  mediate::Reading reading = mediate::ReadOrder(call, seen);
  if (!listener_->IsWaiting(call.id)) return;
  pending_[call.id] = {.seen = std::move(seen),
                       .order = std::move(reading.order),
                       .fds = std::move(reading.fds)};
  if (reading.err != 0) return Finish(call.id, reading.err);
  Order(call.id);
}

void Guard::Order(uint64_t id) {
  const Pending& pending = pending_.at(id);
  std::vector<int> fds;
  for (const UniqueFd& fd : pending.fds) fds.push_back(fd.get());
  if (!SendMessage(actor_.get(), mediate::Encode(pending.order), fds).ok()) Finish(id, EACCES);
}

void Guard::OnResult() {
  auto message = ReceiveMessage(actor_.get(), sizeof(mediate::Result));
  if (!message.ok()) {
    // Nobody acts any more: everything is denied from here on.
    loop_->Unwatch(actor_.get());
    actor_.reset();
    while (!pending_.empty()) Finish(pending_.begin()->first, EACCES);
    return;
  }
  mediate::Result result;
  if (message->data.size() != sizeof result) return;
  memcpy(&result, message->data.data(), sizeof result);
  if (result.err != mediate::kRetry) {
    UniqueFd opened;
    if (message->fds.size() == 1) opened = std::move(message->fds[0]);
    return Finish(result.id, result.err, std::move(opened));
  }
  const itimerspec soon = {.it_interval = {}, .it_value = {.tv_sec = 0, .tv_nsec = kRetryNs}};
  timerfd_settime(timer_.get(), 0, &soon, nullptr);
  const auto pending = pending_.find(result.id);
  if (pending != pending_.end()) pending->second.waits = true;
}

void Guard::OnTimer() {
  uint64_t ticks = 0;
  if (read(timer_.get(), &ticks, sizeof ticks) < 0) return;
  std::vector<uint64_t> due;
  for (auto& [id, pending] : pending_) {
    if (pending.waits) due.push_back(id);
  }
  for (const uint64_t id : due) {
    pending_.at(id).waits = false;
    if (listener_->IsWaiting(id)) {
      Order(id);
    } else {
      pending_.erase(id);  // interrupted or gone
    }
  }
}

void Guard::Finish(uint64_t id, int err, UniqueFd opened) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  Pending& pending = found->second;
  pending.seen.decided = true;
  pending.seen.result = -err;
  Tell(pending.seen);
  // Either fails when the caller is gone.
  if (opened.ok()) {
    const bool cloexec = notify::OpensCloseOnExec(pending.seen);
    listener_->ReturnFd(id, opened.get(), cloexec).IgnoreError();
  } else {
    listener_->Return(id, 0, err).IgnoreError();
  }
  pending_.erase(found);
}

void Guard::Tell(const notify::Observation& seen) {
  const notify::Call* call = notify::FindCall(seen.call);
  if (observers_.empty() || call == nullptr) return;
  const std::string bytes = notify::Encode(seen);
  // An observer that is gone takes the chain with it; nothing to do here.
  for (const Observer& observer : observers_) {
    const auto& wanted = observer.calls;
    if (std::find(wanted.begin(), wanted.end(), call->kind) == wanted.end()) continue;
    SendMessage(observer.socket.get(), bytes).IgnoreError();
  }
}

}  // namespace sandbox::realise
