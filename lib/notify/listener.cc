#include "lib/notify/listener.h"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <utility>

#include "lib/base/status.h"

namespace sandbox::notify {
namespace {

// SECCOMP_IOCTL_NOTIF_SET_FLAGS and its only flag, newer than Debian 12's header. Linux 6.6.
constexpr unsigned long kSetFlags = SECCOMP_IOW(4, uint64_t);
constexpr uint64_t kSyncWakeUp = 1;

}  // namespace

Listener::Listener(UniqueFd fd) : fd_(std::move(fd)) {
  // A matter of speed alone: an older kernel answers EINVAL.
  ioctl(fd_.get(), kSetFlags, kSyncWakeUp);
}

absl::StatusOr<std::optional<seccomp_notif>> Listener::Receive() {
  pollfd ready = {.fd = fd_.get(), .events = POLLIN, .revents = 0};
  if (poll(&ready, 1, 0) < 0) return ErrnoError(errno, "poll");
  if ((ready.revents & POLLIN) == 0) {
    if ((ready.revents & POLLHUP) != 0) return absl::UnavailableError("no target is left");
    return std::nullopt;
  }
  seccomp_notif notification = {};  // must be zero
  if (ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_RECV, &notification) != 0) {
    if (errno == ENOENT || errno == EINTR) return std::nullopt;
    return ErrnoError(errno, "ioctl", "SECCOMP_IOCTL_NOTIF_RECV");
  }
  return notification;
}

bool Listener::IsWaiting(uint64_t id) const {
  return ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

absl::Status Listener::ReturnFd(uint64_t id, int fd, bool close_on_exec) {
  seccomp_notif_addfd add = {};
  add.id = id;
  add.flags = SECCOMP_ADDFD_FLAG_SEND;
  add.srcfd = static_cast<uint32_t>(fd);
  add.newfd_flags = close_on_exec ? O_CLOEXEC : 0;
  if (ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_ADDFD, &add) >= 0) return absl::OkStatus();
  const int err = errno;
  if (err == ENOENT) return ErrnoError(err, "ioctl", "SECCOMP_IOCTL_NOTIF_ADDFD");
  return Respond(id, 0, err, false);
}

absl::Status Listener::Respond(uint64_t id, int64_t value, int err, bool go_on) {
  seccomp_notif_resp response = {
      .id = id,
      .val = value,
      .error = -err,
      .flags = go_on ? static_cast<uint32_t>(SECCOMP_USER_NOTIF_FLAG_CONTINUE) : 0};
  if (ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_SEND, &response) != 0) {
    return ErrnoError(errno, "ioctl", "SECCOMP_IOCTL_NOTIF_SEND");
  }
  return absl::OkStatus();
}

}  // namespace sandbox::notify
