#include "lib/net/routes.h"

#include <cerrno>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::net {
namespace {

constexpr int kLoopbackIndex = 1;  // of every network namespace

struct RouteRequest {
  nlmsghdr header;
  rtmsg route;
  rtattr oif;
  int32_t index;
};

}  // namespace

absl::Status MakeEveryAddressLocal(int family) {
  const UniqueFd netlink(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!netlink.ok()) return ErrnoError(errno, "socket", "NETLINK_ROUTE");
  RouteRequest request = {};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = RTM_NEWROUTE;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
  request.route.rtm_family = static_cast<unsigned char>(family);
  request.route.rtm_table = RT_TABLE_LOCAL;
  request.route.rtm_protocol = RTPROT_BOOT;
  request.route.rtm_scope = RT_SCOPE_HOST;
  request.route.rtm_type = RTN_LOCAL;
  request.oif.rta_type = RTA_OIF;
  request.oif.rta_len = RTA_LENGTH(sizeof request.index);
  request.index = kLoopbackIndex;
  if (send(netlink.get(), &request, sizeof request, 0) != sizeof request) {
    return ErrnoError(errno, "send", "RTM_NEWROUTE");
  }
  alignas(nlmsghdr) char reply[512];
  const ssize_t size = recv(netlink.get(), reply, sizeof reply, 0);
  if (size < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr)))) {
    return ErrnoError(size < 0 ? errno : EBADMSG, "recv", "RTM_NEWROUTE");
  }
  auto* header = reinterpret_cast<nlmsghdr*>(reply);
  const auto* error = static_cast<const nlmsgerr*>(NLMSG_DATA(header));
  if (header->nlmsg_type != NLMSG_ERROR || error->error != 0) {
    return ErrnoError(-error->error, "RTM_NEWROUTE", family == AF_INET ? "IPv4" : "IPv6");
  }
  return absl::OkStatus();
}

}  // namespace sandbox::net
