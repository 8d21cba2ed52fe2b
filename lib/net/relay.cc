#include "lib/net/relay.h"

#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "lib/base/status.h"

namespace sandbox::net {
namespace {

constexpr size_t kChunk = size_t{256} * 1024;

void ResetOnClose(int socket) {
  const linger abort = {.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
}

void SendAtOnce(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool IsFull(int err) { return err == EMFILE || err == ENFILE || err == ENOBUFS || err == ENOMEM; }

}  // namespace

// One way of a connection: `from` to the pipe, the pipe to `to`.
struct Relay::Direction {
  int from = -1;
  int to = -1;
  UniqueFd pipe_out;
  UniqueFd pipe_in;
  size_t held = 0;         // in the pipe
  bool read_end = false;   // `from` has ended
  bool write_end = false;  // and `to` was told
  bool failed = false;
  bool can_take = true;    // false: the last splice out would have blocked
};

// What is watched of one of the two sockets.
struct Relay::Side {
  int socket = -1;
  uint32_t events = 0;
  bool hung_up = false;  // both ways are over: it would be ready for ever
};

struct Relay::Connection {
  uint64_t id = 0;
  UniqueFd inside;
  UniqueFd outside;
  Targets targets;
  size_t next_target = 0;
  Direction up;
  Direction down;
  Side inside_side;
  Side outside_side;
};

Relay::Relay(proc::EventLoop* loop) : loop_(loop) {}

Relay::~Relay() {
  while (!connections_.empty()) End(connections_.begin()->first, /*abort=*/true);
  for (const auto& listener : listeners_) loop_->Unwatch(listener->socket.get());
}

absl::Status Relay::Listen(UniqueFd listener, uint16_t port, FindTargets find) {
  listeners_.push_back(std::make_unique<Listener>(
      Listener{.socket = std::move(listener), .port = port, .find = std::move(find)}));
  Listener* entry = listeners_.back().get();
  return loop_->Watch(entry->socket.get(), EPOLLIN, [this, entry](uint32_t) { Accept(entry); });
}

Relay::Connection* Relay::Find(uint64_t id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

void Relay::SetAccepting(bool on) {
  accepting_ = on;
  for (const auto& listener : listeners_) {
    loop_->Modify(listener->socket.get(), on ? EPOLLIN : 0u).IgnoreError();  // it is watched
  }
}

void Relay::Accept(Listener* listener) {
  UniqueFd inside(
      accept4(listener->socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!inside.ok()) {
    if (IsFull(errno) && !connections_.empty()) SetAccepting(false);
    return;
  }
  SendAtOnce(inside.get());
  const uint64_t id = next_id_++;
  auto connection = std::make_unique<Connection>();
  connection->id = id;
  connection->inside = std::move(inside);
  connections_.emplace(id, std::move(connection));
  const uint16_t port = listener->port;
  listener->find([this, id, port](Targets targets) {
    Connection* c = Find(id);
    if (c == nullptr) return;
    c->targets = std::move(targets);
    Dial(id, port);
  });
}

void Relay::Dial(uint64_t id, uint16_t port) {
  Connection* c = Find(id);
  while (c->next_target < c->targets.size()) {
    const Address& target = c->targets[c->next_target++];
    c->outside.reset(
        socket(target.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!c->outside.ok()) continue;
    SendAtOnce(c->outside.get());
    sockaddr_storage address;
    const socklen_t size = ToSockaddr(target, port, &address);
    const int result =
        connect(c->outside.get(), reinterpret_cast<const sockaddr*>(&address), size);
    if (result != 0 && errno != EINPROGRESS) continue;
    const absl::Status watched = loop_->Watch(
        c->outside.get(), EPOLLOUT, [this, id, port](uint32_t) { OnDialled(id, port); });
    if (watched.ok()) return;
  }
  End(id, /*abort=*/true);
}

void Relay::OnDialled(uint64_t id, uint16_t port) {
  Connection* c = Find(id);
  if (c == nullptr) return;
  int err = 0;
  socklen_t size = sizeof err;
  getsockopt(c->outside.get(), SOL_SOCKET, SO_ERROR, &err, &size);
  loop_->Unwatch(c->outside.get());
  if (err != 0) return Dial(id, port);
  Start(c);
}

void Relay::Start(Connection* c) {
  const uint64_t id = c->id;
  for (Direction* direction : {&c->up, &c->down}) {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0) return End(id, /*abort=*/true);
    direction->pipe_out.reset(fds[0]);
    direction->pipe_in.reset(fds[1]);
    fcntl(fds[1], F_SETPIPE_SZ, kChunk);  // a smaller pipe serves as well
  }
  c->up.from = c->down.to = c->inside.get();
  c->up.to = c->down.from = c->outside.get();
  for (Side* side : {&c->inside_side, &c->outside_side}) {
    side->socket = side == &c->inside_side ? c->inside.get() : c->outside.get();
    side->events = EPOLLIN;
    const absl::Status watched = loop_->Watch(
        side->socket, EPOLLIN, [this, id, side](uint32_t events) { OnReady(id, side, events); });
    if (!watched.ok()) return End(id, /*abort=*/true);
  }
  Move(id);
}

// Moves what can be moved; true when anything was.
bool Relay::MoveOne(Direction* d) {
  bool moved = false;
  if (!d->read_end && d->held < kChunk) {
    const ssize_t n = splice(d->from, nullptr, d->pipe_in.get(), nullptr, kChunk,
                             SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    if (n > 0) {
      d->held += static_cast<size_t>(n);
      moved = true;
    } else if (n == 0) {
      d->read_end = true;
      moved = true;
    } else if (errno != EAGAIN && errno != EINTR) {
      d->failed = true;
      return false;
    }
  }
  if (d->held > 0) {
    const ssize_t n = splice(d->pipe_out.get(), nullptr, d->to, nullptr, d->held,
                             SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    d->can_take = n > 0;
    if (n > 0) {
      d->held -= static_cast<size_t>(n);
      moved = true;
    } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
      d->failed = true;
      return false;
    }
  }
  if (d->read_end && d->held == 0 && !d->write_end) {
    d->write_end = true;
    if (shutdown(d->to, SHUT_WR) != 0 && errno != ENOTCONN) d->failed = true;
  }
  return moved;
}

void Relay::OnReady(uint64_t id, Side* side, uint32_t events) {
  if ((events & EPOLLERR) != 0) return End(id, /*abort=*/true);
  Move(id);
  if (Find(id) == nullptr || (events & EPOLLHUP) == 0 || side->events != 0) return;
  loop_->Unwatch(side->socket);
  side->hung_up = true;
}

void Relay::Move(uint64_t id) {
  Connection* c = Find(id);
  if (c == nullptr) return;
  // A few rounds for one connection, then the others': the loop is level-triggered.
  for (int round = 0; round < 4; ++round) {
    const bool up = MoveOne(&c->up);
    const bool down = MoveOne(&c->down);
    if (c->up.failed || c->down.failed) return End(id, /*abort=*/true);
    if (c->up.write_end && c->down.write_end) return End(id, /*abort=*/false);
    if (!up && !down) break;
  }
  UpdateEvents(c);
}

void Relay::UpdateEvents(Connection* c) {
  const auto wanted = [](const Direction& reading, const Direction& writing) {
    uint32_t events = 0;
    if (!reading.read_end && reading.held < kChunk && (reading.held == 0 || reading.can_take)) {
      events |= EPOLLIN;
    }
    if (writing.held > 0) events |= EPOLLOUT;
    return events;
  };
  bool ok = true;
  const auto update = [&](Side& side, uint32_t events) {
    if (side.hung_up || side.events == events) return;
    side.events = events;
    ok &= loop_->Modify(side.socket, events).ok();
  };
  update(c->inside_side, wanted(c->up, c->down));
  update(c->outside_side, wanted(c->down, c->up));
  if (!ok) End(c->id, /*abort=*/true);
}

void Relay::End(uint64_t id, bool abort) {
  Connection* c = Find(id);
  for (UniqueFd* socket : {&c->inside, &c->outside}) {
    if (!socket->ok()) continue;
    loop_->Unwatch(socket->get());
    if (abort) ResetOnClose(socket->get());
  }
  connections_.erase(id);
  if (!accepting_) SetAccepting(true);
}

}  // namespace sandbox::net
