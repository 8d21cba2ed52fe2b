#include "lib/mediate/files.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/mediate/request.h"

namespace sandbox::mediate {
namespace {

using policy::Use;

bool IsUnlinked(const Spot& spot) {
  return spot.exists() && spot.info.st_nlink == 0;
}

}  // namespace

int Files::Find(const Request& r, int which, bool follow, Spot* spot) const {
  if (static_cast<size_t>(which) >= r.fds.size()) return EACCES;
  return resolver_.Resolve(r.caller(), r.fds[which], which == 0 ? r.order.path : r.order.path2,
                           follow, spot);
}

bool Files::Denied(const Spot& spot, Use use) const {
  if (spot.path.empty()) {
    // No name in this tree: a pipe, or a file from elsewhere, which none of the rules is about.
    return spot.is_directory() || S_ISREG(spot.info.st_mode);
  }
  if (IsUnlinked(spot)) return false;  // its old name is not its any more
  return denies_.IsDenied(spot.path, use);
}

bool Files::MayBeCalled(const Spot& moved, const Spot& spot) const {
  if (moved.is_link()) return !denies_.IsOnTheWay(spot.path);
  return !moved.is_directory() || denies_.SameBeneath(moved.path, spot.path);
}

int Files::Make(const Request& r) const {
  Spot spot;
  if (const int err = Find(r, 0, /*follow=*/false, &spot); err != 0) return err;
  if (spot.exists()) return EEXIST;
  if (Denied(spot, Use::kWrite)) return EACCES;
  const int parent = spot.parent.get();
  const char* name = spot.name.c_str();
  const auto call = r.order.call;
  if (spot.wants_directory && call != SYS_mkdir && call != SYS_mkdirat) return ENOENT;
  int result = -1;
  switch (call) {
    case SYS_mkdir:
    case SYS_mkdirat:
      result = mkdirat(parent, name, r.mode(call == SYS_mkdir ? 1 : 2));
      break;
    case SYS_mknod:
    case SYS_mknodat: {
      const int at = call == SYS_mknod ? 1 : 2;
      result = mknodat(parent, name, static_cast<mode_t>(r.argument(at)), r.argument(at + 1));
      break;
    }
    case SYS_symlink:
    case SYS_symlinkat:
      // A link of that name would lead a denied path to where it is not denied.
      if (denies_.IsOnTheWay(spot.path)) return EACCES;
      if (r.order.text.empty()) return ENOENT;
      result = symlinkat(r.order.text.c_str(), parent, name);
      break;
    default:
      return EACCES;
  }
  return result == 0 ? 0 : errno;
}

int Files::Rename(const Request& r) const {
  Spot from;
  Spot to;
  if (const int err = Find(r, 0, /*follow=*/false, &from); err != 0) return err;
  if (const int err = Find(r, 1, /*follow=*/false, &to); err != 0) return err;
  if (from.name.empty() || to.name.empty()) return EBUSY;
  if (!from.exists()) return ENOENT;
  if (from.wants_directory && !from.is_directory()) return ENOTDIR;
  if (to.wants_directory && !from.is_directory()) return ENOTDIR;
  const unsigned flags =
      r.order.call == SYS_renameat2 ? static_cast<unsigned>(r.argument(4)) : 0;
  if ((flags & RENAME_WHITEOUT) != 0) return EINVAL;
  if (Denied(from, Use::kWrite) || Denied(to, Use::kWrite)) return EACCES;
  if (!MayBeCalled(from, to)) return EACCES;
  if ((flags & RENAME_EXCHANGE) != 0 && to.exists() && !MayBeCalled(to, from)) return EACCES;
  const int result = static_cast<int>(syscall(SYS_renameat2, from.parent.get(), from.name.c_str(),
                                              to.parent.get(), to.name.c_str(), flags));
  return result == 0 ? 0 : errno;
}

int Files::Link(const Request& r) const {
  const unsigned flags = r.order.call == SYS_linkat ? static_cast<unsigned>(r.argument(4)) : 0;
  if ((flags & ~static_cast<unsigned>(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) != 0) return EINVAL;
  Spot from;
  Spot to;
  if (const int err = Find(r, 0, (flags & AT_SYMLINK_FOLLOW) != 0, &from); err != 0) return err;
  if (const int err = Find(r, 1, /*follow=*/false, &to); err != 0) return err;
  if (!from.exists()) return ENOENT;
  if (to.name.empty() || to.exists()) return EEXIST;
  if (Denied(from, Use::kWrite) || Denied(to, Use::kWrite)) return EACCES;
  if (from.is_directory()) return EPERM;
  if (!MayBeCalled(from, to)) return EACCES;
  if (!from.name.empty()) {
    const int result = linkat(from.parent.get(), from.name.c_str(), to.parent.get(),
                              to.name.c_str(), 0);
    return result == 0 ? 0 : errno;
  }
  // An open file without a name, by way of its number.
  const std::string number = std::to_string(from.object.get());
  const int result = linkat(resolver_.descriptors(), number.c_str(), to.parent.get(),
                            to.name.c_str(), AT_SYMLINK_FOLLOW);
  return result == 0 ? 0 : errno;
}

int Files::Remove(const Request& r) const {
  Spot spot;
  if (const int err = Find(r, 0, /*follow=*/false, &spot); err != 0) return err;
  const bool directory = r.order.call == SYS_rmdir ||
                         (r.order.call == SYS_unlinkat && (r.flags(2) & AT_REMOVEDIR) != 0);
  if (spot.name.empty()) return directory ? EBUSY : EISDIR;
  if (!spot.exists()) return ENOENT;
  if (spot.wants_directory && !spot.is_directory()) return ENOTDIR;
  if (Denied(spot, Use::kWrite)) return EACCES;
  const int result =
      unlinkat(spot.parent.get(), spot.name.c_str(), directory ? AT_REMOVEDIR : 0);
  return result == 0 ? 0 : errno;
}

Deed Files::Do(const Order& order, absl::Span<const int> fds, bool may_sleep) const {
  const Request r{.order = order, .fds = fds};
  umask(order.umask);
  Deed deed;
  switch (order.call) {
    case SYS_open:
    case SYS_openat:
    case SYS_creat:
      return Open(r, may_sleep);
    case SYS_mkdir:
    case SYS_mkdirat:
    case SYS_mknod:
    case SYS_mknodat:
    case SYS_symlink:
    case SYS_symlinkat:
      deed.err = Make(r);
      break;
    case SYS_rename:
    case SYS_renameat:
    case SYS_renameat2:
      deed.err = Rename(r);
      break;
    case SYS_link:
    case SYS_linkat:
      deed.err = Link(r);
      break;
    case SYS_unlink:
    case SYS_unlinkat:
    case SYS_rmdir:
      deed.err = Remove(r);
      break;
    case SYS_truncate:
      deed.err = Truncate(r);
      break;
    case SYS_bind:
      deed.err = Bind(r);
      break;
    default:
      deed.err = ChangeMetadata(r);
      break;
  }
  return deed;
}

}  // namespace sandbox::mediate
