#include <arpa/inet.h>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/victims/attacks.h"

namespace victims {
namespace {

constexpr int kMptcp = 262;
constexpr int kSockDiag = 4;

struct Address {
  sockaddr_storage storage = {};
  socklen_t size = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

// Numbers only: "127.0.0.1" or "::1", and a port.
bool Parse(const char* text, const char* port, Address& address) {
  const uint16_t number = htons(static_cast<uint16_t>(atoi(port)));
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = number;
    address.size = sizeof(*v4);
    return true;
  }
  if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = number;
    address.size = sizeof(*v6);
    return true;
  }
  return false;
}

bool ParsePath(const char* path, bool abstract, Address& address) {
  auto* const name = reinterpret_cast<sockaddr_un*>(&address.storage);
  const size_t length = strlen(path);
  if (length + 1 > sizeof(name->sun_path)) return false;
  name->sun_family = AF_UNIX;
  memcpy(name->sun_path + (abstract ? 1 : 0), path, length);
  // One byte more: a leading one for an abstract name, the final one of a path.
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length + 1);
  return true;
}

// A silent peer is a blocked attack, late.
void SetDeadline(int fd) {
  const timeval deadline = {.tv_sec = 20, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof(deadline));
}

constexpr char kRequest[] = "GET / HTTP/1.0\r\n\r\n";

// Success is a byte from the other side: a relay may accept without anybody behind it.
Outcome Answer(int fd) {
  char byte;
  const ssize_t size = recv(fd, &byte, 1, 0);
  if (size == 0) return Outcome::Blocked(ECONNRESET);
  if (size < 0) return Outcome::Blocked(errno == EAGAIN ? ETIMEDOUT : errno);
  return Outcome::Success();
}

Outcome ConnectAndAsk(int protocol, char* const* args) {
  Address address;
  if (!Parse(args[0], args[1], address)) return Outcome::Void(EINVAL);
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, protocol);
  if (fd < 0) return Outcome::Blocked(errno);
  SetDeadline(fd);
  if (connect(fd, address.get(), address.size) != 0) return Outcome::Blocked(errno);
  if (send(fd, kRequest, sizeof(kRequest) - 1, MSG_NOSIGNAL) < 0) return Outcome::Blocked(errno);
  return Answer(fd);
}

Outcome Ask(Address& address, const void* data, size_t size) {
  const int fd = socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Outcome::Blocked(errno);
  SetDeadline(fd);
  // Connected, so that a refusal is reported.
  if (connect(fd, address.get(), address.size) != 0) return Outcome::Blocked(errno);
  if (send(fd, data, size, 0) < 0) return Outcome::Blocked(errno);
  return Answer(fd);
}

Outcome ConnectUnix(char* const* args, bool abstract) {
  Address address;
  if (!ParsePath(args[0], abstract, address)) return Outcome::Void(ENAMETOOLONG);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Outcome::Blocked(errno);
  return Outcome::Of(connect(fd, address.get(), address.size));
}

Outcome MakeSocket(int family, int type, int protocol) {
  return Outcome::Of(socket(family, type | SOCK_CLOEXEC, protocol));
}

}  // namespace

Outcome Tcp(char* const* args) { return ConnectAndAsk(0, args); }

Outcome Udp(char* const* args) {
  Address address;
  if (!Parse(args[0], args[1], address)) return Outcome::Void(EINVAL);
  return Ask(address, "x", 1);
}

// A question for the address of "example.test", straight to that server.
Outcome Dns(char* const* args) {
  static constexpr unsigned char kQuery[] = {
      0x12, 0x34, 1,   0,   0,   1, 0,   0,   0,   0,   0, 0,  // header: one question, recursion
      7,    'e',  'x', 'a', 'm', 'p', 'l', 'e', 4, 't', 'e', 's', 't', 0,  // the name
      0,    1,    0,   1};                                                 // A, IN
  Address address;
  if (!Parse(args[0], args[1] == nullptr ? "53" : args[1], address)) return Outcome::Void(EINVAL);
  return Ask(address, kQuery, sizeof(kQuery));
}

Outcome Mptcp(char* const* args) {
  if (args[0] == nullptr) return MakeSocket(AF_INET, SOCK_STREAM, kMptcp);
  return args[1] == nullptr ? Outcome::Void(EINVAL) : ConnectAndAsk(kMptcp, args);
}

Outcome TcpFastOpen(char* const* args) {
  Address address;
  if (!Parse(args[0], args[1], address)) return Outcome::Void(EINVAL);
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Outcome::Blocked(errno);
  SetDeadline(fd);
  if (sendto(fd, kRequest, sizeof(kRequest) - 1, MSG_FASTOPEN | MSG_NOSIGNAL, address.get(),
             address.size) < 0) {
    return Outcome::Blocked(errno);
  }
  return Answer(fd);
}

Outcome Unix(char* const* args) { return ConnectUnix(args, /*abstract=*/false); }

Outcome Abstract(char* const* args) { return ConnectUnix(args, /*abstract=*/true); }

Outcome UnixDgram(char* const* args) {
  Address address;
  if (!ParsePath(args[0], /*abstract=*/false, address)) return Outcome::Void(ENAMETOOLONG);
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Outcome::Blocked(errno);
  return Outcome::Of(sendto(fd, "x", 1, MSG_NOSIGNAL, address.get(), address.size));
}

// The end of a pair, which every sandbox lets programs make, aimed at a path.
Outcome UnixDgramPair(char* const* args) {
  Address address;
  if (!ParsePath(args[0], /*abstract=*/false, address)) return Outcome::Void(ENAMETOOLONG);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0) return Outcome::Blocked(errno);
  char byte = 'x';
  iovec data = {.iov_base = &byte, .iov_len = 1};
  msghdr message = {};
  message.msg_name = address.get();
  message.msg_namelen = address.size;
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  return Outcome::Of(sendmsg(ends[0], &message, MSG_NOSIGNAL));
}

Outcome Vsock(char* const*) { return MakeSocket(AF_VSOCK, SOCK_STREAM, 0); }
Outcome NetlinkDiag(char* const*) { return MakeSocket(AF_NETLINK, SOCK_RAW, kSockDiag); }
Outcome Raw(char* const*) { return MakeSocket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }
Outcome Packet(char* const*) { return MakeSocket(AF_PACKET, SOCK_RAW, 0); }

}  // namespace victims
