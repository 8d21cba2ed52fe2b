// origin PORT DIR   Is what attacks go for, until it is killed. It listens on
//
//     127.0.0.1:PORT, TCP    answers anything with an HTTP/1.0 response, "payload"
//     127.0.0.1:PORT, UDP    sends back what it gets
//     DIR/stream, DIR/datagram, abstract "origin"    unix sockets: takes whoever comes
//
// and prints "ready" when it does. Serves one peer at a time.

#include <arpa/inet.h>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/victims/outcome.h"

namespace {

constexpr char kResponse[] = "HTTP/1.0 200 OK\r\n\r\npayload\n";
constexpr int kBacklog = 64;

int Listen(int type, const sockaddr* address, socklen_t size) {
  const int fd = socket(address->sa_family, type | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const bool listens = fd >= 0 && bind(fd, address, size) == 0 &&
                       (type != SOCK_STREAM || listen(fd, kBacklog) == 0);
  if (!listens) {
    perror("origin");
    _exit(victims::kSetUpFailed);
  }
  return fd;
}

int ListenInet(int type, int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return Listen(type, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

// An abstract name begins with a null byte.
int ListenUnix(int type, const std::string& name) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (name.size() >= sizeof(address.sun_path)) _exit(victims::kUsage);
  memcpy(address.sun_path, name.data(), name.size());
  const size_t size = offsetof(sockaddr_un, sun_path) + name.size() + (name[0] == '\0' ? 0 : 1);
  return Listen(type, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size));
}

void Answer(int fd) {
  char request[4096];
  if (recv(fd, request, sizeof(request), 0) > 0) {
    send(fd, kResponse, sizeof(kResponse) - 1, MSG_NOSIGNAL);
  }
  close(fd);
}

void SendBack(int fd) {
  char data[2048];
  sockaddr_storage from = {};
  socklen_t size = sizeof(from);
  auto* const peer = reinterpret_cast<sockaddr*>(&from);
  const ssize_t got = recvfrom(fd, data, sizeof(data), MSG_DONTWAIT, peer, &size);
  if (got >= 0 && from.ss_family == AF_INET) {
    sendto(fd, data, static_cast<size_t>(got), MSG_NOSIGNAL, peer, size);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return victims::kUsage;
  const int port = atoi(argv[1]);
  const std::string dir = argv[2];
  enum { kTcp, kUdp, kStream, kDatagram, kAbstract, kCount };
  pollfd wait[kCount] = {};
  wait[kTcp].fd = ListenInet(SOCK_STREAM, port);
  wait[kUdp].fd = ListenInet(SOCK_DGRAM, port);
  wait[kStream].fd = ListenUnix(SOCK_STREAM, dir + "/stream");
  wait[kDatagram].fd = ListenUnix(SOCK_DGRAM, dir + "/datagram");
  wait[kAbstract].fd = ListenUnix(SOCK_STREAM, std::string("\0origin", 7));
  for (pollfd& one : wait) one.events = POLLIN;
  puts("ready");
  fflush(stdout);
  while (poll(wait, kCount, -1) > 0) {
    if (wait[kTcp].revents != 0) Answer(accept4(wait[kTcp].fd, nullptr, nullptr, SOCK_CLOEXEC));
    for (const int at : {kStream, kAbstract}) {
      if (wait[at].revents != 0) close(accept4(wait[at].fd, nullptr, nullptr, SOCK_CLOEXEC));
    }
    for (const int at : {kUdp, kDatagram}) {
      if (wait[at].revents != 0) SendBack(wait[at].fd);
    }
  }
  return victims::kSetUpFailed;
}
