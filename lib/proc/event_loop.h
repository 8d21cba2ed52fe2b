// A single-threaded loop over descriptors: what keepers, the relay and supervisors wait in.

#ifndef LIB_PROC_EVENT_LOOP_H_
#define LIB_PROC_EVENT_LOOP_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::proc {

// Calls a handler when its descriptor is ready (epoll(7), level-triggered unless the caller asks
// for EPOLLET). Handlers may watch and unwatch any descriptor, their own included: one that was
// unwatched is not called again, even for an event that was already collected.
class EventLoop {
 public:
  // `events` are EPOLLIN, EPOLLOUT, EPOLLHUP ... as epoll_wait(2) reports them.
  using Handler = std::function<void(uint32_t events)>;

  static absl::StatusOr<std::unique_ptr<EventLoop>> Create();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Watches `fd` (borrowed: the caller keeps it open until Unwatch). One handler per descriptor.
  // Errors: EEXIST, ENOMEM, ENOSPC with errno attached.
  absl::Status Watch(int fd, uint32_t events, Handler handler);
  // Changes the events of a watched descriptor.
  absl::Status Modify(int fd, uint32_t events);
  // Stops watching; does nothing for a descriptor that is not watched. Call before closing it.
  void Unwatch(int fd);

  // Waits up to `timeout_ms` (-1: for ever) and calls the handlers of what is ready. Retries
  // EINTR with the full time.
  absl::Status RunOnce(int timeout_ms);
  // Runs until Stop().
  absl::Status Run();
  void Stop() { stopped_ = true; }

 private:
  explicit EventLoop(UniqueFd epoll) : epoll_(std::move(epoll)) {}

  struct Entry {
    uint64_t id;
    std::shared_ptr<Handler> handler;
  };

  UniqueFd epoll_;
  std::unordered_map<int, Entry> by_fd_;
  uint64_t next_id_ = 1;
  bool stopped_ = false;
};

}  // namespace sandbox::proc

#endif  // LIB_PROC_EVENT_LOOP_H_
