#include "lib/testing/http_origin.h"

#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <new>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::testing {

struct HttpOrigin::Counters {
  std::atomic<int> connections;
  std::atomic<int> datagrams;
};

namespace {

struct Sockets {
  UniqueFd tcp;
  UniqueFd udp;
  uint16_t port = 0;
};

absl::StatusOr<Sockets> Open(uint16_t port) {
  Sockets sockets;
  sockets.tcp.reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockets.udp.reset(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!sockets.tcp.ok() || !sockets.udp.ok()) return ErrnoError(errno, "socket");
  const int on = 1;
  setsockopt(sockets.tcp.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // TCP_FASTOPEN for a server: a fast-open client then gets its data in with the first packet.
  const int queue = 16;
  setsockopt(sockets.tcp.get(), IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  if (bind(sockets.tcp.get(), name, size) != 0) return ErrnoError(errno, "bind", "tcp");
  if (getsockname(sockets.tcp.get(), name, &size) != 0) return ErrnoError(errno, "getsockname");
  if (bind(sockets.udp.get(), name, size) != 0) return ErrnoError(errno, "bind", "udp");
  if (listen(sockets.tcp.get(), 128) != 0) return ErrnoError(errno, "listen");
  sockets.port = ntohs(address.sin_port);
  return sockets;
}

void SendAll(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t size = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;
    text.remove_prefix(static_cast<size_t>(size));
  }
}

// A connection, its request so far.
struct Client {
  UniqueFd fd;
  std::string request;
};

// Reads on; answers a whole request. Whether the connection is finished.
bool Advance(Client& client, const std::map<std::string, std::string>& pages) {
  char buffer[4096];
  const ssize_t size = recv(client.fd.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
  if (size < 0) return errno != EAGAIN && errno != EINTR;
  if (size == 0) return true;
  client.request.append(buffer, static_cast<size_t>(size));
  if (client.request.find("\r\n\r\n") == std::string::npos) return client.request.size() > 65536;
  const std::string line = client.request.substr(0, client.request.find('\r'));
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  const auto page = words.size() > 1 ? pages.find(words[1]) : pages.end();
  const bool found = page != pages.end();
  const absl::string_view body = found ? absl::string_view(page->second) : "not here\n";
  SendAll(client.fd.get(),
          absl::StrCat("HTTP/1.0 ", found ? "200 OK" : "404 Not Found",
                       "\r\nContent-Length: ", body.size(), "\r\nConnection: close\r\n\r\n", body));
  shutdown(client.fd.get(), SHUT_WR);
  return true;
}

void Echo(int udp) {
  char buffer[65536];
  sockaddr_in from = {};
  socklen_t length = sizeof(from);
  const ssize_t size = recvfrom(udp, buffer, sizeof(buffer), MSG_DONTWAIT,
                                reinterpret_cast<sockaddr*>(&from), &length);
  if (size < 0) return;
  sendto(udp, buffer, static_cast<size_t>(size), 0, reinterpret_cast<sockaddr*>(&from), length);
}

[[noreturn]] void Serve(const Sockets& sockets, const std::map<std::string, std::string>& pages,
                        std::atomic<int>& connections, std::atomic<int>& datagrams) {
  std::vector<Client> clients;
  for (;;) {
    std::vector<pollfd> polled = {{.fd = sockets.tcp.get(), .events = POLLIN, .revents = 0},
                                  {.fd = sockets.udp.get(), .events = POLLIN, .revents = 0}};
    for (const Client& client : clients) {
      polled.push_back({.fd = client.fd.get(), .events = POLLIN, .revents = 0});
    }
    if (poll(polled.data(), polled.size(), -1) < 0) continue;
    // From the end: what is behind the erased one has been seen already.
    for (size_t i = clients.size(); i-- > 0;) {
      if (polled[i + 2].revents != 0 && Advance(clients[i], pages)) {
        clients.erase(clients.begin() + static_cast<ptrdiff_t>(i));
      }
    }
    if (polled[1].revents != 0) {
      datagrams.fetch_add(1);
      Echo(sockets.udp.get());
    }
    if (polled[0].revents != 0) {
      UniqueFd accepted(accept4(sockets.tcp.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!accepted.ok()) continue;
      connections.fetch_add(1);
      clients.push_back({.fd = std::move(accepted), .request = ""});
    }
  }
}

}  // namespace

absl::StatusOr<HttpOrigin> HttpOrigin::Start(const std::map<std::string, std::string>& pages,
                                             uint16_t port) {
  absl::StatusOr<Sockets> sockets = Open(port);
  // A free TCP port may be taken for UDP.
  for (int i = 0; i < 100 && !sockets.ok() && port == 0; ++i) sockets = Open(0);
  RETURN_IF_ERROR(sockets.status());

  HttpOrigin origin;
  void* shared = mmap(nullptr, sizeof(Counters), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return ErrnoError(errno, "mmap");
  origin.counters_ = new (shared) Counters{};
  origin.port_ = sockets->port;
  const pid_t parent = getpid();
  origin.pid_ = fork();
  if (origin.pid_ < 0) return ErrnoError(errno, "fork");
  if (origin.pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(62);
    Serve(*sockets, pages, origin.counters_->connections, origin.counters_->datagrams);
  }
  return origin;
}

HttpOrigin::HttpOrigin(HttpOrigin&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      port_(other.port_),
      counters_(std::exchange(other.counters_, nullptr)) {}

HttpOrigin::~HttpOrigin() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  if (counters_ != nullptr) munmap(counters_, sizeof(Counters));
}

int HttpOrigin::connections() const { return counters_->connections; }
int HttpOrigin::datagrams() const { return counters_->datagrams; }

}  // namespace sandbox::testing
