// Reaching a unix socket of the host.

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/victims/attacks.h"

namespace victims {
namespace {

struct Address {
  sockaddr_un name = {};
  socklen_t size = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&name); }
};

bool Parse(const char* text, bool abstract, Address& address) {
  const size_t length = strlen(text);
  if (length + 1 > sizeof(address.name.sun_path)) return false;
  address.name.sun_family = AF_UNIX;
  memcpy(address.name.sun_path + (abstract ? 1 : 0), text, length);
  // One byte more: a leading one for an abstract name, the final one of a path.
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length + 1);
  return true;
}

Outcome Connect(const char* text, bool abstract, int type) {
  Address address;
  if (!Parse(text, abstract, address)) return Outcome::Void(ENAMETOOLONG);
  const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  if (fd < 0) return Outcome::Blocked(errno);
  return Outcome::Of(connect(fd, address.get(), address.size));
}

Outcome SendTo(const char* text, bool abstract, int type) {
  Address address;
  if (!Parse(text, abstract, address)) return Outcome::Void(ENAMETOOLONG);
  const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  if (fd < 0) return Outcome::Blocked(errno);
  return Outcome::Of(sendto(fd, "x", 1, MSG_NOSIGNAL, address.get(), address.size));
}

Outcome Stream(char* const* args) { return Connect(args[0], false, SOCK_STREAM); }
Outcome AbstractStream(char* const* args) { return Connect(args[0], true, SOCK_STREAM); }
Outcome Datagram(char* const* args) { return SendTo(args[0], false, SOCK_DGRAM); }
Outcome AbstractDatagram(char* const* args) { return SendTo(args[0], true, SOCK_DGRAM); }
// Another name for a datagram socket.
Outcome RawDatagram(char* const* args) { return SendTo(args[0], false, SOCK_RAW); }

// A type that only the low half of the register makes what it is.
Outcome DatagramHigh(char* const* args) {
  Address address;
  if (!Parse(args[0], false, address)) return Outcome::Void(ENAMETOOLONG);
  const long fd =
      syscall(SYS_socket, (1L << 32) | AF_UNIX, (1L << 32) | SOCK_DGRAM | SOCK_CLOEXEC, 1L << 32);
  if (fd < 0) return Outcome::Blocked(errno);
  return Outcome::Of(
      sendto(static_cast<int>(fd), "x", 1, MSG_NOSIGNAL, address.get(), address.size));
}

// The end of a pair, which every sandbox lets programs make, aimed at a path.
Outcome DatagramPair(char* const* args) {
  Address address;
  if (!Parse(args[0], false, address)) return Outcome::Void(ENAMETOOLONG);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0) return Outcome::Blocked(errno);
  char byte = 'x';
  iovec data = {.iov_base = &byte, .iov_len = 1};
  mmsghdr message = {};
  message.msg_hdr.msg_name = address.get();
  message.msg_hdr.msg_namelen = address.size;
  message.msg_hdr.msg_iov = &data;
  message.msg_hdr.msg_iovlen = 1;
  return Outcome::Of(sendmmsg(ends[0], &message, 1, MSG_NOSIGNAL));
}

// By way of a symbolic link, in the current directory, that leads to the socket.
Outcome StreamByLink(char* const* args) {
  const std::string link = "attack-link-" + std::to_string(getpid());
  if (symlink(args[0], link.c_str()) != 0) return Outcome::Void(errno);
  const Outcome outcome = Connect(link.c_str(), false, SOCK_STREAM);
  unlink(link.c_str());
  return outcome;
}

// By way of the root's magic link.
Outcome StreamByProc(char* const* args) {
  return Connect(("/proc/self/root" + std::string(args[0])).c_str(), false, SOCK_STREAM);
}

// From an inherited socket.
Outcome DatagramFromFd(char* const* args) {
  Address address;
  if (!Parse(args[1], false, address)) return Outcome::Void(ENAMETOOLONG);
  return Outcome::Of(
      sendto(atoi(args[0]), "x", 1, MSG_NOSIGNAL, address.get(), address.size));
}

constexpr Row kRows[] = {
    {"unix", Stream, 1, 1, "PATH"},
    {"unix_by_link", StreamByLink, 1, 1, "PATH"},
    {"unix_by_proc", StreamByProc, 1, 1, "PATH"},
    {"unix_dgram", Datagram, 1, 1, "PATH"},
    {"unix_dgram_high", DatagramHigh, 1, 1, "PATH"},
    {"unix_dgram_pair", DatagramPair, 1, 1, "PATH"},
    {"unix_raw", RawDatagram, 1, 1, "PATH"},
    {"unix_dgram_from_fd", DatagramFromFd, 2, 2, "NUMBER PATH"},
    {"abstract", AbstractStream, 1, 1, "NAME"},
    {"abstract_dgram", AbstractDatagram, 1, 1, "NAME"},
};

}  // namespace

Table UnixAttacks() { return kRows; }

}  // namespace victims
