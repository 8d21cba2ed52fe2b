// The addresses of a name, as the machine outside knows them.

#ifndef LIB_NET_UPSTREAM_H_
#define LIB_NET_UPSTREAM_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/net/address.h"
#include "lib/net/target.h"
#include "lib/proc/event_loop.h"

namespace sandbox::net {

// Looks names up when they are dialled: in the given table first, else by DNS with c-ares and the
// machine's resolv.conf and hosts file. Of a DNS answer only public addresses count: a name cannot
// lead to the machine itself or its network unless the table says so.
class Upstream {
 public:
  // `loop` is borrowed and outlives this.
  static absl::StatusOr<std::unique_ptr<Upstream>> Create(proc::EventLoop* loop,
                                                          std::map<std::string, Address> table);
  virtual ~Upstream() = default;

  // Calls `found` once, now or later, with the addresses in the order to try; with none when the
  // name has no usable one.
  virtual void Find(const std::string& name, OnTargets found) = 0;
};

}  // namespace sandbox::net

#endif  // LIB_NET_UPSTREAM_H_
