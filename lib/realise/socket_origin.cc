#include "lib/realise/socket_origin.h"

#include <cstdint>
#include <cstring>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/fd/unique_fd.h"

namespace sandbox::realise {
namespace {

struct Request {
  nlmsghdr header;
  unix_diag_req body;
};

bool IsSame(const unix_diag_vfs& vfs, const struct stat& info) {
  // The kernel's own encoding of a device: 12 bits and 20.
  return vfs.udiag_vfs_dev >> 20 == major(info.st_dev) &&
         (vfs.udiag_vfs_dev & 0xfffff) == minor(info.st_dev) &&
         vfs.udiag_vfs_ino == static_cast<uint32_t>(info.st_ino);
}

bool Names(nlmsghdr* message, const struct stat& info) {
  auto* body = static_cast<unix_diag_msg*>(NLMSG_DATA(message));
  int left = static_cast<int>(message->nlmsg_len - NLMSG_LENGTH(sizeof *body));
  for (auto* attribute = reinterpret_cast<rtattr*>(body + 1);
       RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    if (attribute->rta_type != UNIX_DIAG_VFS ||
        attribute->rta_len < RTA_LENGTH(sizeof(unix_diag_vfs))) {
      continue;
    }
    unix_diag_vfs vfs;
    memcpy(&vfs, RTA_DATA(attribute), sizeof vfs);
    if (IsSame(vfs, info)) return true;
  }
  return false;
}

}  // namespace

bool IsBoundInThisNetwork(const struct stat& info) {
  const UniqueFd diag(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!diag.ok()) return false;
  Request request = {};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.sdiag_family = AF_UNIX;
  request.body.udiag_states = ~0u;
  request.body.udiag_show = UDIAG_SHOW_VFS;
  if (send(diag.get(), &request, sizeof request, 0) != sizeof request) return false;
  bool found = false;
  alignas(nlmsghdr) char buffer[16384];
  while (true) {
    const ssize_t received = recv(diag.get(), buffer, sizeof buffer, 0);
    if (received <= 0) return false;
    auto left = static_cast<uint32_t>(received);
    for (auto* m = reinterpret_cast<nlmsghdr*>(buffer); NLMSG_OK(m, left);
         m = NLMSG_NEXT(m, left)) {
      if (m->nlmsg_type == NLMSG_DONE) return found;
      if (m->nlmsg_type == NLMSG_ERROR) return false;
      found = found || Names(m, info);
    }
  }
}

}  // namespace sandbox::realise
