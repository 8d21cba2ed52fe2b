// The way out: what listens inside, and where it leads.

#ifndef SANDBOX_NETBRIDGE_BRIDGE_H_
#define SANDBOX_NETBRIDGE_BRIDGE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/net/names.h"
#include "lib/net/netns.h"
#include "lib/net/relay.h"
#include "lib/net/resolver.h"
#include "lib/net/upstream.h"
#include "lib/proc/event_loop.h"
#include "sandbox-netbridge/options.h"

namespace sandbox::netbridge_tool {

// Two steps around the fork: Plan() says which sockets are to be made inside; Serve(), in the
// keeper, puts them to work.
class Bridge {
 public:
  // Works the options out. ResourceExhausted for more names than there are addresses.
  static absl::StatusOr<std::unique_ptr<Bridge>> Plan(const Options& options);

  // The sockets that PrepareNet() shall make.
  const std::vector<net::SocketWish>& wishes() const { return wishes_; }

  // Takes the sockets, in the order of the wishes, and serves them in `loop`, which outlives this.
  absl::Status Serve(proc::EventLoop* loop, std::vector<UniqueFd> sockets);

 private:
  // What the socket of the same index is for.
  struct Purpose {
    enum Kind { kUdpResolver, kTcpResolver, kRelay } kind = kRelay;
    net::Rule rule;
  };

  explicit Bridge(const Options& options) : options_(options) {}
  void Wish(const net::Address& address, uint16_t port, bool udp, Purpose purpose);
  absl::Status AddRule(const net::Rule& rule);

  Options options_;
  net::Names names_;
  std::vector<net::SocketWish> wishes_;
  std::vector<Purpose> purposes_;
  std::unique_ptr<net::Upstream> upstream_;
  std::unique_ptr<net::Relay> relay_;
  std::unique_ptr<net::Resolver> resolver_;
};

}  // namespace sandbox::netbridge_tool

#endif  // SANDBOX_NETBRIDGE_BRIDGE_H_
