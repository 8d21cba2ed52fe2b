#include "lib/net/netns.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lib/base/status.h"
#include "lib/fd/message.h"
#include "lib/net/routes.h"
#include "lib/ns/user_maps.h"
#include "lib/proc/children.h"
#include "lib/sys/process.h"

namespace sandbox::net {
namespace {

constexpr int kBacklog = 4096;
constexpr size_t kMaxText = 512;

bool LacksIpv6(const absl::Status& status) {
  const int err = GetErrno(status);
  return err == EAFNOSUPPORT || err == EOPNOTSUPP || err == EADDRNOTAVAIL;
}

absl::StatusOr<UniqueFd> MakeSocket(const SocketWish& wish) {
  const int family = wish.address.family;
  UniqueFd fd(socket(family,
                     (wish.udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.ok()) return ErrnoError(errno, "socket");
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (wish.udp) {
    // An answer must leave from the address that was asked.
    const int level = family == AF_INET ? static_cast<int>(IPPROTO_IP) : IPPROTO_IPV6;
    const int option = family == AF_INET ? IP_PKTINFO : IPV6_RECVPKTINFO;
    if (setsockopt(fd.get(), level, option, &on, sizeof on) != 0) {
      return ErrnoError(errno, "setsockopt", "PKTINFO");
    }
  }
  sockaddr_storage address;
  const socklen_t size = ToSockaddr(wish.address, wish.port, &address);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    return ErrnoError(errno, "bind", absl::StrCat(ToString(wish.address), " port ", wish.port));
  }
  if (!wish.udp && listen(fd.get(), kBacklog) != 0) return ErrnoError(errno, "listen");
  return fd;
}

// In the child: makes everything and sends it, in messages of "S" and as many descriptors as fit,
// "-" for a socket that cannot be; the namespaces first.
absl::Status MakeInside(const std::vector<SocketWish>& wishes, const ns::MapRequest& maps,
                        int out) {
  RETURN_IF_ERROR(ns::EnterUserNamespace(CLONE_NEWNET, maps));
  RETURN_IF_ERROR(ns::BringLoopbackUp());
  RETURN_IF_ERROR(MakeEveryAddressLocal(AF_INET));
  const absl::Status v6 = MakeEveryAddressLocal(AF_INET6);
  if (!v6.ok() && !LacksIpv6(v6)) return v6;
  const UniqueFd user(open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC));
  const UniqueFd net(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!user.ok() || !net.ok()) return ErrnoError(errno, "open", "/proc/self/ns");
  const int namespaces[] = {user.get(), net.get()};
  RETURN_IF_ERROR(SendMessage(out, "N", namespaces));
  for (const SocketWish& wish : wishes) {
    auto made = MakeSocket(wish);
    if (made.ok()) {
      const int fds[] = {made->get()};
      RETURN_IF_ERROR(SendMessage(out, "S", fds));
    } else if (wish.address.family == AF_INET6 && (!v6.ok() || LacksIpv6(made.status()))) {
      RETURN_IF_ERROR(SendMessage(out, "-"));
    } else {
      return made.status();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<PreparedNet> Collect(int in, size_t wishes) {
  PreparedNet prepared;
  while (!prepared.net_namespace.ok() || prepared.sockets.size() < wishes) {
    ASSIGN_OR_RETURN(Message message, ReceiveMessage(in, kMaxText));
    if (message.data == "N" && message.fds.size() == 2) {
      prepared.user_namespace = std::move(message.fds[0]);
      prepared.net_namespace = std::move(message.fds[1]);
    } else if (message.data == "S" && message.fds.size() == 1) {
      prepared.sockets.push_back(std::move(message.fds[0]));
    } else if (message.data == "-") {
      prepared.sockets.emplace_back();
    } else {
      return absl::InternalError(message.data);  // the child's own words
    }
  }
  return prepared;
}

}  // namespace

absl::StatusOr<PreparedNet> PrepareNet(const std::vector<SocketWish>& wishes) {
  ASSIGN_OR_RETURN(auto pair, MakeSocketPair());
  ASSIGN_OR_RETURN(ns::MapHelper helper, ns::MapHelper::Create());
  const pid_t parent = getpid();
  ASSIGN_OR_RETURN(const pid_t child, sys::CloneProcess(0));
  if (child == 0) {
    absl::Status status = proc::DieWithParent(parent);
    if (status.ok()) status = MakeInside(wishes, helper.request(), pair.second.get());
    if (!status.ok()) {
      SendMessage(pair.second.get(), status.message().substr(0, kMaxText)).IgnoreError();
    }
    _exit(status.ok() ? 0 : 1);
  }
  pair.second.reset();
  const absl::Status mapped = helper.Serve(child);
  auto prepared = mapped.ok() ? Collect(pair.first.get(), wishes.size())
                              : absl::StatusOr<PreparedNet>(mapped);
  pair.first.reset();
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
  return prepared;
}

}  // namespace sandbox::net
