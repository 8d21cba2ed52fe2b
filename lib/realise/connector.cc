#include "lib/realise/connector.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/realise/socket_origin.h"

namespace sandbox::realise {
namespace {

using mediate::kRetry;

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

int32_t Attempt(int socket, const sockaddr* address, socklen_t size) {
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

bool IsAtOrBeneath(const std::string& path, const std::string& top) {
  return path == top || (absl::StartsWith(path, top) && path[top.size()] == '/');
}

}  // namespace

int32_t Connector::Connect(const mediate::Order& order, int socket, int directory) const {
  int domain = 0;
  socklen_t size = sizeof domain;
  if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) return errno;
  const std::string& bytes = order.bytes;
  sockaddr_storage address = {};
  if (bytes.size() > sizeof address) return EINVAL;
  memcpy(&address, bytes.data(), bytes.size());
  constexpr size_t kPath = offsetof(sockaddr_un, sun_path);
  const bool has_path = domain == AF_UNIX && address.ss_family == AF_UNIX &&
                        bytes.size() > kPath && bytes[kPath] != '\0';
  if (has_path) return ConnectPath(order, socket, directory);
  return Attempt(socket, reinterpret_cast<const sockaddr*>(&address),
                 static_cast<socklen_t>(bytes.size()));
}

// Pins what the path leads to, judges that, and connects to that.
int32_t Connector::ConnectPath(const mediate::Order& order, int socket, int directory) const {
  constexpr size_t kPath = offsetof(sockaddr_un, sun_path);
  const char* text = order.bytes.data() + kPath;
  const std::string path(text, strnlen(text, order.bytes.size() - kPath));
  mediate::Spot spot;
  const mediate::Caller caller = {.process = order.process, .thread = order.thread};
  const int err = resolver_.Resolve(caller, directory, path, /*follow=*/true, &spot);
  if (err != 0) return err;
  if (!spot.exists()) return ENOENT;
  if (!S_ISSOCK(spot.info.st_mode)) return ECONNREFUSED;
  if (!IsAllowed(spot)) return EACCES;
  sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
  const std::string number = absl::StrCat(spot.object.get());
  memcpy(address.sun_path, number.data(), number.size());
  if (fchdir(resolver_.descriptors()) != 0) return EACCES;
  return Attempt(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

bool Connector::IsAllowed(const mediate::Spot& spot) const {
  if (std::any_of(reachable_.begin(), reachable_.end(), [&](const std::string& top) {
        return !spot.path.empty() && IsAtOrBeneath(spot.path, top);
      })) {
    return true;
  }
  switch (policy_) {
    case UnixSockets::kOpen:
      return true;
    case UnixSockets::kNone:
    case UnixSockets::kNotMade:
      return false;
    case UnixSockets::kInside:
      return IsBoundInThisNetwork(spot.info);
    case UnixSockets::kWritable:
      break;
  }
  struct statvfs fs = {};
  if (fstatvfs(spot.object.get(), &fs) != 0 || (fs.f_flag & ST_RDONLY) != 0) return false;
  // A socket cannot be opened (ENXIO), but only after Landlock was asked for the right to write.
  const UniqueFd opened(openat(resolver_.descriptors(),
                               absl::StrCat(spot.object.get()).c_str(), O_WRONLY | O_CLOEXEC));
  return !opened.ok() && errno == ENXIO;
}

}  // namespace sandbox::realise
