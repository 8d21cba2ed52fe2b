#include "lib/realise/actor.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/fd/message.h"
#include "lib/realise/rules.h"
#include "lib/realise/socket_origin.h"
#include "lib/sys/process.h"

namespace sandbox::realise {
namespace {

// A socket whose connect() gives up soon, for as long as this lives. The open file is the caller's
// too, so the flag that makes it non-blocking may not be touched.
class ShortPatience {
 public:
  explicit ShortPatience(int socket) : socket_(socket) {
    socklen_t size = sizeof old_;
    getsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &old_, &size);
    const timeval brief = {.tv_sec = 0, .tv_usec = 1000};
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &brief, sizeof brief);
  }
  ~ShortPatience() { setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &old_, sizeof old_); }
  ShortPatience(const ShortPatience&) = delete;
  ShortPatience& operator=(const ShortPatience&) = delete;

 private:
  int socket_;
  timeval old_ = {};
};

class Actor {
 public:
  // `descriptors` is /proc/self/fd of the actor, opened before the root changed.
  Actor(UnixSockets policy, UniqueFd descriptors)
      : policy_(policy), descriptors_(std::move(descriptors)) {}

  int32_t Connect(const ConnectOrder& order, int socket, int directory) const {
    int domain = 0;
    socklen_t size = sizeof domain;
    if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) return errno;
    if (order.size > sizeof order.address) return EINVAL;
    sa_family_t family = 0;
    if (order.size >= sizeof family) memcpy(&family, order.address, sizeof family);
    const bool has_path = domain == AF_UNIX && family == AF_UNIX &&
                          order.size > offsetof(sockaddr_un, sun_path) &&
                          order.address[offsetof(sockaddr_un, sun_path)] != '\0';
    if (has_path) return ConnectPath(order, socket, directory);
    return Attempt(socket, reinterpret_cast<const sockaddr*>(order.address), order.size);
  }

 private:
  int32_t Attempt(int socket, const sockaddr* address, socklen_t size) const {
    const bool blocking = (fcntl(socket, F_GETFL) & O_NONBLOCK) == 0;
    int domain = 0;
    socklen_t domain_size = sizeof domain;
    getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size);
    const ShortPatience patience(socket);
    if (connect(socket, address, size) == 0) return 0;
    const int err = errno;
    if (blocking && (err == EINPROGRESS || err == EALREADY)) return kRetry;
    if (blocking && err == EAGAIN && domain == AF_UNIX) return kRetry;
    return err;
  }

  // Pins what the path leads to, judges that, and connects to that.
  int32_t ConnectPath(const ConnectOrder& order, int socket, int directory) const {
    const char* text = order.address + offsetof(sockaddr_un, sun_path);
    const size_t most = order.size - offsetof(sockaddr_un, sun_path);
    const std::string path(text, strnlen(text, most));
    const UniqueFd pinned(openat(directory, path.c_str(), O_PATH | O_CLOEXEC));
    if (!pinned.ok()) return errno;
    struct stat info = {};
    if (fstat(pinned.get(), &info) != 0) return errno;
    if (!S_ISSOCK(info.st_mode)) return ECONNREFUSED;
    if (!IsAllowed(pinned.get(), info)) return EACCES;
    sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
    const std::string number = absl::StrCat(pinned.get());
    memcpy(address.sun_path, number.data(), number.size());
    if (fchdir(descriptors_.get()) != 0) return EACCES;
    return Attempt(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

  bool IsAllowed(int pinned, const struct stat& info) const {
    switch (policy_) {
      case UnixSockets::kOpen:
        return true;
      case UnixSockets::kNone:
        return false;
      case UnixSockets::kInside:
        return IsBoundInThisNetwork(info);
      case UnixSockets::kWritable:
        break;
    }
    struct statvfs fs = {};
    if (fstatvfs(pinned, &fs) != 0 || (fs.f_flag & ST_RDONLY) != 0) return false;
    // A socket cannot be opened (ENXIO), but only after Landlock was asked for the right to write.
    const UniqueFd opened(
        openat(descriptors_.get(), absl::StrCat(pinned).c_str(), O_WRONLY | O_CLOEXEC));
    return !opened.ok() && errno == ENXIO;
  }

  UnixSockets policy_;
  UniqueFd descriptors_;
};

absl::StatusOr<UniqueFd> Prepare(int keeper_pidfd, int proc) {
  RETURN_IF_ERROR(sys::SetParentDeathSignal(SIGKILL));
  pollfd keeper = {.fd = keeper_pidfd, .events = POLLIN, .revents = 0};
  if (poll(&keeper, 1, 0) != 0) return absl::FailedPreconditionError("the keeper has ended");
  RETURN_IF_ERROR(sys::SetNoNewPrivs());
  UniqueFd descriptors(openat(proc, "self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!descriptors.ok()) return ErrnoError(errno, "openat", "/proc/self/fd");
  return descriptors;
}

absl::Status ConfineActor(const Plan& plan) {
  if (plan.landlock) {
    // Without scopes: the domain is the actor's own, and what the command made would be outside.
    ASSIGN_OR_RETURN(const landlock::Ruleset ruleset, MakeRuleset(plan, /*scopes=*/false));
    RETURN_IF_ERROR(ruleset.Enforce().status());
  }
  RETURN_IF_ERROR(sys::KeepCapabilities(0));
  return sys::SetDumpable(false);
}

}  // namespace

void RunActor(const Plan& plan, int orders, int keeper_pidfd, int proc, SetUp* page) {
  auto descriptors = Prepare(keeper_pidfd, proc);
  if (!descriptors.ok()) {
    page->Fail(descriptors.status());
    _exit(125);
  }
  prctl(PR_SET_NAME, "sandbox-actor");
  page->command_ready.Wait();  // the root is the command's by now
  if (const absl::Status status = ConfineActor(plan); !status.ok()) {
    page->Fail(status);
    _exit(125);
  }
  page->actor_ready.Set(1);
  const Actor actor(plan.unix_sockets, *std::move(descriptors));
  while (true) {
    const auto message = ReceiveMessage(orders, sizeof(ConnectOrder));
    if (!message.ok()) _exit(0);
    ConnectOrder order;
    if (message->data.size() != sizeof order || message->fds.size() != 2) _exit(1);
    memcpy(&order, message->data.data(), sizeof order);
    const ConnectResult result = {
        .id = order.id,
        .err = actor.Connect(order, message->fds[0].get(), message->fds[1].get())};
    const absl::string_view bytes(reinterpret_cast<const char*>(&result), sizeof result);
    if (!SendMessage(orders, bytes).ok()) _exit(0);
  }
}

}  // namespace sandbox::realise
