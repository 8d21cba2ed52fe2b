// The name server that the sandbox sees, whichever address it asks.

#ifndef LIB_NET_RESOLVER_H_
#define LIB_NET_RESOLVER_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lib/fd/unique_fd.h"
#include "lib/net/names.h"
#include "lib/proc/event_loop.h"

namespace sandbox::net {

// Answers DNS queries by AnswerQuery() alone: no query is ever passed on. UDP answers leave from the
// address that was asked. At most 64 TCP clients at a time, one query each in memory.
class Resolver {
 public:
  // Both are borrowed.
  Resolver(proc::EventLoop* loop, const Names* names) : loop_(loop), names_(names) {}
  ~Resolver();

  // Takes a bound, non-blocking UDP socket with IP_PKTINFO or IPV6_RECVPKTINFO set.
  absl::Status ServeUdp(UniqueFd socket);
  // Takes a listening, non-blocking TCP socket.
  absl::Status ServeTcp(UniqueFd listener);

 private:
  struct Client {
    UniqueFd socket;
    std::string received;
  };

  void OnDatagram(int socket);
  void OnAccept(int listener);
  void OnClient(int socket);
  void Drop(int socket);

  proc::EventLoop* loop_;
  const Names* names_;
  std::vector<UniqueFd> sockets_;
  std::map<int, Client> clients_;
};

}  // namespace sandbox::net

#endif  // LIB_NET_RESOLVER_H_
