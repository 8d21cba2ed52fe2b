// The opening half of Files: open() and its kin, truncate(), and bind() to a path.

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/mediate/request.h"

namespace sandbox::mediate {
namespace {

using policy::Use;

constexpr int kTmpFile = O_TMPFILE & ~O_DIRECTORY;

bool Writes(int flags) {
  return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_TRUNC | kTmpFile)) != 0;
}

bool IsControllingTerminal(const Spot& spot) {
  return spot.exists() && S_ISCHR(spot.info.st_mode) && spot.info.st_rdev == makedev(5, 0);
}

Deed Failed(int err) { return {.err = err, .opened = UniqueFd(), .would_sleep = false}; }

// A FIFO waits for its other end, a terminal line for its carrier.
bool MaySleep(const Spot& spot, int flags) {
  return spot.exists() && (flags & O_NONBLOCK) == 0 &&
         (S_ISFIFO(spot.info.st_mode) || S_ISCHR(spot.info.st_mode)) &&
         !(S_ISFIFO(spot.info.st_mode) && (flags & O_ACCMODE) == O_RDWR) &&
         !(S_ISCHR(spot.info.st_mode) && major(spot.info.st_rdev) == 1);
}

}  // namespace

Deed Files::Open(const Request& r, bool may_sleep) const {
  const bool creat = r.order.call == SYS_creat;
  const int at = r.order.call == SYS_openat ? 2 : 1;
  const int flags = creat ? O_CREAT | O_WRONLY | O_TRUNC : r.flags(at);
  const mode_t mode = r.mode(creat ? 1 : at + 1);
  // With O_CREAT and O_EXCL a link in its place is what exists already.
  const bool exclusive = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
  Spot spot;
  const int err = Find(r, 0, (flags & O_NOFOLLOW) == 0 && !exclusive, &spot);
  if (err != 0) return Failed(err);
  if (!spot.exists() && (flags & O_CREAT) == 0) return Failed(ENOENT);
  if (!spot.exists() && spot.wants_directory) return Failed(EISDIR);
  const bool writes = Writes(flags) || !spot.exists();
  if (Denied(spot, Use::kRead) || (writes && Denied(spot, Use::kWrite))) return Failed(EACCES);
  if (IsControllingTerminal(spot) && !r.order.has_terminal) return Failed(ENXIO);
  if (!may_sleep && MaySleep(spot, flags)) {
    return {.err = 0, .opened = UniqueFd(), .would_sleep = true};
  }
  // Links are followed by now, and what is there must still be no link.
  const int exact = flags | O_NOCTTY | (spot.wants_directory ? O_DIRECTORY : 0);
  Deed deed;
  if (!spot.name.empty()) {
    deed.opened.reset(
        openat(spot.parent.get(), spot.name.c_str(), exact | O_NOFOLLOW | O_CLOEXEC, mode));
  } else {
    if (exclusive) return Failed(EEXIST);
    deed.opened.reset(openat(resolver_.descriptors(), std::to_string(spot.object.get()).c_str(),
                             (exact & ~(O_CREAT | O_NOFOLLOW)) | O_CLOEXEC, mode));
  }
  if (!deed.opened.ok()) deed.err = errno;
  return deed;
}

int Files::Truncate(const Request& r) const {
  Spot spot;
  if (const int err = Find(r, 0, /*follow=*/true, &spot); err != 0) return err;
  if (!spot.exists()) return ENOENT;
  if (spot.is_directory()) return EISDIR;
  if (!S_ISREG(spot.info.st_mode)) return EINVAL;
  if (Denied(spot, Use::kWrite)) return EACCES;
  const UniqueFd file(openat(resolver_.descriptors(), std::to_string(spot.object.get()).c_str(),
                             O_WRONLY | O_CLOEXEC));
  if (!file.ok()) return errno;
  return ftruncate(file.get(), static_cast<off_t>(r.argument(1))) == 0 ? 0 : errno;
}

int Files::Bind(const Request& r) const {
  // The first descriptor is the socket, the second the caller's working directory.
  if (r.fds.size() != 2) return EACCES;
  const std::string& bytes = r.order.bytes;
  sockaddr_un address = {};
  if (bytes.size() > sizeof(sockaddr_storage)) return EINVAL;
  sa_family_t family = 0;
  if (bytes.size() >= sizeof family) memcpy(&family, bytes.data(), sizeof family);
  constexpr size_t kPath = offsetof(sockaddr_un, sun_path);
  int domain = 0;
  socklen_t size = sizeof domain;
  if (getsockopt(r.fds[0], SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) return errno;
  const bool has_path = domain == AF_UNIX && family == AF_UNIX && bytes.size() > kPath &&
                        bytes[kPath] != '\0';
  if (!has_path) {
    sockaddr_storage other = {};
    memcpy(&other, bytes.data(), bytes.size());
    const int result = bind(r.fds[0], reinterpret_cast<const sockaddr*>(&other),
                            static_cast<socklen_t>(bytes.size()));
    return result == 0 ? 0 : errno;
  }
  if (bytes.size() > sizeof address) return EINVAL;
  const char* text = bytes.data() + kPath;
  const std::string path(text, strnlen(text, bytes.size() - kPath));
  Spot spot;
  if (const int err = resolver_.Resolve(r.caller(), r.fds[1], path, /*follow=*/false, &spot);
      err != 0) {
    return err;
  }
  if (spot.exists()) return EADDRINUSE;
  if (Denied(spot, Use::kWrite)) return EACCES;
  if (spot.name.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, spot.name.data(), spot.name.size());
  if (fchdir(spot.parent.get()) != 0) return errno;
  const int result =
      bind(r.fds[0], reinterpret_cast<const sockaddr*>(&address),
           static_cast<socklen_t>(kPath + spot.name.size() + 1));
  return result == 0 ? 0 : errno;
}

}  // namespace sandbox::mediate
