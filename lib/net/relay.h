// Connections from inside the sandbox, carried to targets outside.

#ifndef LIB_NET_RELAY_H_
#define LIB_NET_RELAY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "lib/fd/unique_fd.h"
#include "lib/net/target.h"
#include "lib/proc/event_loop.h"

namespace sandbox::net {

// Accepts on listening sockets, dials, and splices both ways through pipes: what is read but not yet
// written is bounded by a pipe per direction. A half-close is passed on as one, an abort as one.
//
// A connection is accepted before its target is dialled, so a refused dial shows inside as a reset.
// Out of descriptors, it stops accepting until a connection ends. Not thread-safe.
class Relay {
 public:
  // `loop` is borrowed and outlives the relay.
  explicit Relay(proc::EventLoop* loop);
  ~Relay();

  // Takes a non-blocking listening socket: its connections go to `port` of what `find` finds.
  absl::Status Listen(UniqueFd listener, uint16_t port, FindTargets find);

  size_t connections() const { return connections_.size(); }

 private:
  struct Direction;
  struct Side;
  struct Connection;
  struct Listener {
    UniqueFd socket;
    uint16_t port;
    FindTargets find;
    bool watched = true;
  };

  void Accept(Listener* listener);
  void SetAccepting(bool on);
  void Dial(uint64_t id, uint16_t port);
  void OnDialled(uint64_t id, uint16_t port);
  void Start(Connection* connection);
  void OnReady(uint64_t id, Side* side, uint32_t events);
  void Move(uint64_t id);
  bool MoveOne(Direction* direction);
  void UpdateEvents(Connection* connection);
  void End(uint64_t id, bool abort);
  Connection* Find(uint64_t id);

  proc::EventLoop* loop_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::map<uint64_t, std::unique_ptr<Connection>> connections_;
  uint64_t next_id_ = 1;
  bool accepting_ = true;
};

}  // namespace sandbox::net

#endif  // LIB_NET_RELAY_H_
