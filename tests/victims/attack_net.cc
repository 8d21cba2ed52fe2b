// Reaching a server, and being one.

#include <arpa/inet.h>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/victims/attacks.h"

namespace victims {
namespace {

constexpr int kMptcp = 262;
constexpr int kSockDiag = 4;
constexpr int kPatienceMs = 20000;

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

// A silent peer is a blocked attack, late.
void SetDeadline(int fd) {
  const timeval deadline = {.tv_sec = kPatienceMs / 1000, .tv_usec = 0};
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

Outcome MakeSocket(int family, int type, int protocol) {
  return Outcome::Of(socket(family, type | SOCK_CLOEXEC, protocol));
}

Outcome Tcp(char* const* args) { return ConnectAndAsk(0, args); }

// Does not wait for connect(): the answer alone tells.
Outcome TcpNonBlocking(char* const* args) {
  Address address;
  if (!Parse(args[0], args[1], address)) return Outcome::Void(EINVAL);
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Outcome::Blocked(errno);
  if (connect(fd, address.get(), address.size) != 0 && errno != EINPROGRESS) {
    return Outcome::Blocked(errno);
  }
  pollfd wait = {.fd = fd, .events = POLLOUT, .revents = 0};
  if (poll(&wait, 1, kPatienceMs) != 1) return Outcome::Blocked(ETIMEDOUT);
  if (send(fd, kRequest, sizeof(kRequest) - 1, MSG_NOSIGNAL) < 0) return Outcome::Blocked(errno);
  wait.events = POLLIN;
  return poll(&wait, 1, kPatienceMs) == 1 ? Answer(fd) : Outcome::Blocked(ETIMEDOUT);
}

Outcome Udp(char* const* args) {
  Address address;
  if (!Parse(args[0], args[1], address)) return Outcome::Void(EINVAL);
  return Ask(address, "x", 1);
}

// Unconnected, so that connect() never sees the address.
Outcome UdpSend(char* const* args) {
  Address address;
  if (!Parse(args[0], args[1], address)) return Outcome::Void(EINVAL);
  const int fd = socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Outcome::Blocked(errno);
  return Outcome::Of(sendto(fd, "x", 1, 0, address.get(), address.size));
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

// connect() says yes at once and sends nothing before the first data.
Outcome TcpFastOpenConnect(char* const* args) {
  Address address;
  if (!Parse(args[0], args[1], address)) return Outcome::Void(EINVAL);
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Outcome::Blocked(errno);
  SetDeadline(fd);
  const int on = 1;
  if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on)) != 0) {
    return Outcome::Void(errno);
  }
  if (connect(fd, address.get(), address.size) != 0) return Outcome::Blocked(errno);
  if (send(fd, kRequest, sizeof(kRequest) - 1, MSG_NOSIGNAL) < 0) return Outcome::Blocked(errno);
  return Answer(fd);
}

Outcome Vsock(char* const*) { return MakeSocket(AF_VSOCK, SOCK_STREAM, 0); }
Outcome NetlinkDiag(char* const*) { return MakeSocket(AF_NETLINK, SOCK_RAW, kSockDiag); }
Outcome Raw(char* const*) { return MakeSocket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }
Outcome Packet(char* const*) { return MakeSocket(AF_PACKET, SOCK_RAW, 0); }

// Connects the inherited socket anew.
Outcome ReconnectFd(char* const* args) {
  const int fd = atoi(args[0]);
  Address address;
  if (!Parse(args[1], args[2], address)) return Outcome::Void(EINVAL);
  const sockaddr nowhere = {.sa_family = AF_UNSPEC, .sa_data = {}};
  if (connect(fd, &nowhere, sizeof(nowhere)) != 0) return Outcome::Blocked(errno);
  SetDeadline(fd);
  if (connect(fd, address.get(), address.size) != 0) return Outcome::Blocked(errno);
  if (send(fd, kRequest, sizeof(kRequest) - 1, MSG_NOSIGNAL) < 0) return Outcome::Blocked(errno);
  return Answer(fd);
}

Outcome SendFromFd(char* const* args) {
  Address address;
  if (!Parse(args[1], args[2], address)) return Outcome::Void(EINVAL);
  return Outcome::Of(sendto(atoi(args[0]), "x", 1, 0, address.get(), address.size));
}

// A server of ours that the host can reach: says "ready" and waits for a connection, or for the end of
// standard input.
Outcome Listen(char* const* args) {
  Address address;
  if (!Parse(args[0], args[1], address)) return Outcome::Void(EINVAL);
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Outcome::Blocked(errno);
  if (bind(fd, address.get(), address.size) != 0) return Outcome::Blocked(errno);
  if (listen(fd, 1) != 0) return Outcome::Blocked(errno);
  if (puts("ready") < 0 || fflush(stdout) != 0) return Outcome::Void(errno);
  pollfd wait[] = {{.fd = fd, .events = POLLIN, .revents = 0},
                   {.fd = 0, .events = POLLIN, .revents = 0}};
  if (poll(wait, 2, -1) < 0) return Outcome::Void(errno);
  return (wait[0].revents & POLLIN) != 0 ? Outcome::Success() : Outcome::Blocked(ECONNREFUSED);
}

Outcome Socket(char* const* args) {
  return Outcome::Of(syscall(SYS_socket, strtol(args[0], nullptr, 0), strtol(args[1], nullptr, 0),
                             strtol(args[2], nullptr, 0)));
}

// Any socket that is not a unix one, of any family and type; the first one that can be had.
Outcome AnyFamily(char* const*) {
  for (int family = 2; family < 64; ++family) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_RDM}) {
      for (const int protocol : {0, 1, 6, 17, 132, 136, 262}) {
        const int fd = socket(family, type | SOCK_CLOEXEC, protocol);
        if (fd >= 0) return Outcome::Success();
      }
    }
  }
  return Outcome::Blocked(errno);
}

constexpr Row kRows[] = {
    {"tcp", Tcp, 2, 2, "ADDRESS PORT"},
    {"tcp_nonblocking", TcpNonBlocking, 2, 2, "ADDRESS PORT"},
    {"udp", Udp, 2, 2, "ADDRESS PORT"},
    {"udp_send", UdpSend, 2, 2, "ADDRESS PORT"},
    {"dns", Dns, 1, 2, "ADDRESS [PORT]"},
    {"mptcp", Mptcp, 0, 2, "[ADDRESS PORT]"},
    {"tcp_fastopen", TcpFastOpen, 2, 2, "ADDRESS PORT"},
    {"tcp_fastopen_connect", TcpFastOpenConnect, 2, 2, "ADDRESS PORT"},
    {"reconnect_fd", ReconnectFd, 3, 3, "NUMBER ADDRESS PORT"},
    {"send_from_fd", SendFromFd, 3, 3, "NUMBER ADDRESS PORT"},
    {"listen", Listen, 2, 2, "ADDRESS PORT"},
    {"socket", Socket, 3, 3, "FAMILY TYPE PROTOCOL"},
    {"any_family", AnyFamily, 0, 0, ""},
    {"vsock", Vsock, 0, 0, ""},
    {"netlink_diag", NetlinkDiag, 0, 0, ""},
    {"raw", Raw, 0, 0, ""},
    {"packet", Packet, 0, 0, ""},
};

}  // namespace

Table NetAttacks() { return kRows; }

}  // namespace victims
