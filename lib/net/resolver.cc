#include "lib/net/resolver.h"

#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "lib/base/status.h"
#include "lib/net/dns.h"

namespace sandbox::net {
namespace {

constexpr size_t kMaxClients = 64;
constexpr size_t kMaxMessage = 4096;

}  // namespace

Resolver::~Resolver() {
  while (!clients_.empty()) Drop(clients_.begin()->first);
  for (const UniqueFd& socket : sockets_) loop_->Unwatch(socket.get());
}

absl::Status Resolver::ServeUdp(UniqueFd socket) {
  const int fd = socket.get();
  sockets_.push_back(std::move(socket));
  return loop_->Watch(fd, EPOLLIN, [this, fd](uint32_t) { OnDatagram(fd); });
}

absl::Status Resolver::ServeTcp(UniqueFd listener) {
  const int fd = listener.get();
  sockets_.push_back(std::move(listener));
  return loop_->Watch(fd, EPOLLIN, [this, fd](uint32_t) { OnAccept(fd); });
}

void Resolver::OnDatagram(int socket) {
  char bytes[kMaxMessage];
  sockaddr_storage peer;
  iovec part = {.iov_base = bytes, .iov_len = sizeof bytes};
  alignas(cmsghdr) char control[256];
  msghdr message = {};
  message.msg_name = &peer;
  message.msg_namelen = sizeof peer;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size = recvmsg(socket, &message, MSG_DONTWAIT);
  if (size < 0 || (message.msg_flags & MSG_TRUNC) != 0) return;
  std::string answer = AnswerQuery({bytes, static_cast<size_t>(size)}, *names_);
  if (answer.empty()) return;
  // What came as PKTINFO goes back as it is: the address that was asked becomes the source.
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      memcpy(&info, CMSG_DATA(c), sizeof info);
      info.ipi_spec_dst = info.ipi_addr;
      memcpy(CMSG_DATA(c), &info, sizeof info);
    }
  }
  part = {.iov_base = answer.data(), .iov_len = answer.size()};
  sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);  // UDP: who asks again gets it again
}

void Resolver::OnAccept(int listener) {
  UniqueFd client(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!client.ok()) return;
  if (clients_.size() >= kMaxClients) Drop(clients_.begin()->first);
  const int fd = client.get();
  clients_[fd] = {.socket = std::move(client), .received = ""};
  if (!loop_->Watch(fd, EPOLLIN, [this, fd](uint32_t) { OnClient(fd); }).ok()) Drop(fd);
}

void Resolver::OnClient(int socket) {
  Client& client = clients_.at(socket);
  char bytes[kMaxMessage];
  const ssize_t size = read(socket, bytes, sizeof bytes);
  if (size <= 0) return Drop(socket);
  client.received.append(bytes, static_cast<size_t>(size));
  while (client.received.size() >= 2) {
    const size_t length = static_cast<size_t>(static_cast<uint8_t>(client.received[0])) << 8 |
                          static_cast<uint8_t>(client.received[1]);
    if (length > kMaxMessage) return Drop(socket);
    if (client.received.size() < 2 + length) return;
    const std::string answer =
        AnswerQuery(absl::string_view(client.received).substr(2, length), *names_);
    client.received.erase(0, 2 + length);
    std::string framed;
    framed.push_back(static_cast<char>(answer.size() >> 8));
    framed.push_back(static_cast<char>(answer.size() & 0xff));
    framed += answer;
    // A client that does not read its few hundred bytes is dropped.
    if (send(socket, framed.data(), framed.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(framed.size())) {
      return Drop(socket);
    }
  }
}

void Resolver::Drop(int socket) {
  loop_->Unwatch(socket);
  clients_.erase(socket);
}

}  // namespace sandbox::net
