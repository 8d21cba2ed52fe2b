#include "lib/realise/guard.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"
#include "lib/fd/message.h"
#include "lib/realise/actor.h"
#include "lib/sys/process.h"

namespace sandbox::realise {
namespace {

constexpr int64_t kRetryNs = 5'000'000;

// The thread group of `thread`: pidfds are of whole processes.
absl::StatusOr<pid_t> ProcessOf(pid_t thread) {
  const std::string path = absl::StrCat("/proc/", thread, "/status");
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return ErrnoError(errno, "open", path);
  char text[1024] = {};
  int err = 0;
  if (ReadAllSignalSafe(file.get(), text, sizeof text - 1, &err) < 0) {
    return ErrnoError(err, "read", path);
  }
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    pid_t pid = 0;
    if (absl::ConsumePrefix(&line, "Tgid:") && absl::SimpleAtoi(line, &pid)) return pid;
  }
  return absl::InternalError(absl::StrCat("no Tgid in ", path));
}

}  // namespace

Guard::Guard(UniqueFd router, UniqueFd actor, std::vector<Observer> observers)
    : router_(std::move(router)), actor_(std::move(actor)), observers_(std::move(observers)) {}

absl::Status Guard::TakeListener() {
  ASSIGN_OR_RETURN(Message message, ReceiveMessage(router_.get(), 1));
  if (message.fds.size() != 1) return absl::InternalError("no listener came");
  listener_.emplace(std::move(message.fds[0]));
  return SendMessage(router_.get(), "R");
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
  if (!listener_->IsWaiting(notification.id)) return;
  if (seen.call != SYS_connect) {
    Tell(seen);
    listener_->Continue(notification.id).IgnoreError();  // fails when the caller is gone
    return;
  }
  if (!seen.readable) {
    Finish(notification.id, EFAULT);
  } else if (!Begin(notification, std::move(seen)).ok()) {
    Finish(notification.id, EACCES);
  }
}

absl::Status Guard::Begin(const seccomp_notif& call, notify::Observation seen) {
  const auto pid = static_cast<pid_t>(call.pid);
  ASSIGN_OR_RETURN(const pid_t process, ProcessOf(pid));
  ASSIGN_OR_RETURN(const UniqueFd pidfd, sys::PidfdOpen(process));
  Pending pending{.seen = std::move(seen), .socket = UniqueFd(), .directory = UniqueFd()};
  ASSIGN_OR_RETURN(pending.socket,
                   sys::PidfdGetfd(pidfd.get(), static_cast<int>(call.data.args[0])));
  const std::string cwd = absl::StrCat("/proc/", pid, "/cwd");
  pending.directory.reset(open(cwd.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!pending.directory.ok()) return ErrnoError(errno, "open", cwd);
  if (!listener_->IsWaiting(call.id)) return absl::OkStatus();
  pending_.emplace(call.id, std::move(pending));
  Order(call.id);
  return absl::OkStatus();
}

void Guard::Order(uint64_t id) {
  const Pending& pending = pending_.at(id);
  ConnectOrder order = {.id = id, .size = 0, .address = {}};
  order.size = static_cast<uint32_t>(
      std::min(pending.seen.address.size(), sizeof order.address));
  memcpy(order.address, pending.seen.address.data(), order.size);
  const absl::string_view bytes(reinterpret_cast<const char*>(&order), sizeof order);
  const int fds[] = {pending.socket.get(), pending.directory.get()};
  if (!SendMessage(actor_.get(), bytes, fds).ok()) Finish(id, EACCES);
}

void Guard::OnResult() {
  const auto message = ReceiveMessage(actor_.get(), sizeof(ConnectResult));
  if (!message.ok()) {
    // Nobody acts any more: everything is denied from here on.
    loop_->Unwatch(actor_.get());
    actor_.reset();
    while (!pending_.empty()) Finish(pending_.begin()->first, EACCES);
    return;
  }
  ConnectResult result;
  if (message->data.size() != sizeof result) return;
  memcpy(&result, message->data.data(), sizeof result);
  if (result.err != kRetry) return Finish(result.id, result.err);
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

void Guard::Finish(uint64_t id, int err) {
  const auto pending = pending_.find(id);
  if (pending != pending_.end()) {
    pending->second.seen.decided = true;
    pending->second.seen.result = -err;
    Tell(pending->second.seen);
    pending_.erase(pending);
  }
  listener_->Return(id, 0, err).IgnoreError();  // fails when the caller is gone
}

void Guard::Tell(const notify::Observation& seen) {
  if (observers_.empty()) return;
  const std::string bytes = notify::Encode(seen);
  // An observer that is gone takes the chain with it; nothing to do here.
  for (const Observer& observer : observers_) {
    SendMessage(observer.socket.get(), bytes).IgnoreError();
  }
}

}  // namespace sandbox::realise
