#include "sandbox-exec/stdio.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"

namespace sandbox::exec_tool {
namespace {

constexpr const char* kNames[] = {"standard input", "standard output", "standard error"};

int SocketOption(int fd, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

// A datagram socket can send to any address, connected or not.
bool IsBoundToItsPeer(int fd) {
  const int type = SocketOption(fd, SO_TYPE);
  return SocketOption(fd, SO_DOMAIN) == AF_UNIX && (type == SOCK_STREAM || type == SOCK_SEQPACKET);
}

bool IsOfTheInternet(int fd) {
  const int domain = SocketOption(fd, SO_DOMAIN);
  const int protocol = SocketOption(fd, SO_PROTOCOL);
  return (domain == AF_INET || domain == AF_INET6) &&
         (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP);
}

absl::Status Check(int fd, bool shares_network) {
  struct stat info = {};
  if (fstat(fd, &info) != 0) return absl::OkStatus();  // closed: nothing is given
  switch (info.st_mode & S_IFMT) {
    case S_IFREG:
    case S_IFCHR:
    case S_IFBLK:
    case S_IFIFO:
      return absl::OkStatus();
    case S_IFSOCK:
      if (IsBoundToItsPeer(fd)) return absl::OkStatus();
      if (shares_network && IsOfTheInternet(fd)) return absl::OkStatus();
      return absl::InvalidArgumentError(
          absl::StrCat(kNames[fd], " is a socket that can be sent or connected to elsewhere: put "
                                   "a pipe in between"));
    case S_IFDIR:
      return absl::InvalidArgumentError(
          absl::StrCat(kNames[fd], " is a directory, which leads out of the sandbox"));
    default:
      return absl::InvalidArgumentError(
          absl::StrCat(kNames[fd], " is not a file, a pipe, a terminal or a unix socket"));
  }
}

}  // namespace

absl::Status CheckStdio(bool shares_network) {
  for (int fd = 0; fd <= 2; ++fd) {
    if (absl::Status status = Check(fd, shares_network); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace sandbox::exec_tool
