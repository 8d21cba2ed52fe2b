// connect() on behalf of a caller, to what the policy for unix sockets lets it reach.

#ifndef LIB_REALISE_CONNECTOR_H_
#define LIB_REALISE_CONNECTOR_H_

#include <cstdint>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <utility>
#include <vector>

#include "lib/mediate/order.h"
#include "lib/mediate/spot.h"
#include "lib/realise/plan.h"

namespace sandbox::realise {

class Connector {
 public:
  // Sockets at and beneath `reachable`, resolved paths, can be connected to under any policy.
  Connector(UnixSockets policy, std::vector<std::string> reachable, mediate::Resolver resolver)
      : policy_(policy), reachable_(std::move(reachable)), resolver_(resolver) {}

  // 0, an errno, or mediate::kRetry when it is not settled within a few milliseconds. Both
  // descriptors are borrowed: the socket and the caller's working directory.
  int32_t Connect(const mediate::Order& order, int socket, int directory) const;

 private:
  int32_t ConnectPath(const mediate::Order& order, int socket, int directory) const;
  bool IsAllowed(const mediate::Spot& spot) const;

  UnixSockets policy_;
  std::vector<std::string> reachable_;
  mediate::Resolver resolver_;
};

}  // namespace sandbox::realise

#endif  // LIB_REALISE_CONNECTOR_H_
