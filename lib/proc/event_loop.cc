#include "lib/proc/event_loop.h"

#include <cerrno>
#include <sys/epoll.h>
#include <utility>

#include "lib/base/status.h"

namespace sandbox::proc {
namespace {

// The low half of epoll's user data is the descriptor, the high half the registration: a number
// that was closed and used again within one batch of events is told apart.
uint64_t Tag(int fd, uint64_t id) { return id << 32 | static_cast<uint32_t>(fd); }

}  // namespace

absl::StatusOr<std::unique_ptr<EventLoop>> EventLoop::Create() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.ok()) return ErrnoError(errno, "epoll_create1");
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(epoll)));
}

absl::Status EventLoop::Watch(int fd, uint32_t events, Handler handler) {
  const uint64_t id = next_id_++ & 0xffffffff;
  epoll_event event = {.events = events, .data = {.u64 = Tag(fd, id)}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    return ErrnoError(errno, "epoll_ctl", "ADD");
  }
  by_fd_[fd] = {id, std::make_shared<Handler>(std::move(handler))};
  return absl::OkStatus();
}

absl::Status EventLoop::Modify(int fd, uint32_t events) {
  const auto entry = by_fd_.find(fd);
  if (entry == by_fd_.end()) return absl::NotFoundError("descriptor is not watched");
  epoll_event event = {.events = events, .data = {.u64 = Tag(fd, entry->second.id)}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) != 0) {
    return ErrnoError(errno, "epoll_ctl", "MOD");
  }
  return absl::OkStatus();
}

void EventLoop::Unwatch(int fd) {
  if (by_fd_.erase(fd) > 0) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

absl::Status EventLoop::RunOnce(int timeout_ms) {
  epoll_event events[64];
  int count = -1;
  do {
    count = epoll_wait(epoll_.get(), events, 64, timeout_ms);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return ErrnoError(errno, "epoll_wait");
  for (int i = 0; i < count; ++i) {
    const auto entry = by_fd_.find(static_cast<int>(events[i].data.u64 & 0xffffffff));
    if (entry == by_fd_.end() || entry->second.id != events[i].data.u64 >> 32) continue;
    const std::shared_ptr<Handler> handler = entry->second.handler;  // outlives an Unwatch
    (*handler)(events[i].events);
  }
  return absl::OkStatus();
}

absl::Status EventLoop::Run() {
  stopped_ = false;
  while (!stopped_) RETURN_IF_ERROR(RunOnce(-1));
  return absl::OkStatus();
}

}  // namespace sandbox::proc
