// The half of Files that changes modes, owners, times and extended attributes.

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include "lib/mediate/request.h"
#include "lib/uapi/syscall_nr.h"

namespace sandbox::mediate {
namespace {

using policy::Use;

constexpr long kMicro = 1000;

// How each call says what it changes.
struct Change {
  enum Kind { kMode, kOwner, kTimes, kSetAttribute, kRemoveAttribute } kind;
  int value;       // the argument with mode, owner or attribute flags
  int at_flags;    // the argument with AT_SYMLINK_NOFOLLOW; -1: none
  bool nofollow;   // by its name
};

bool Find(int call, Change* change) {
  switch (call) {
    case SYS_chmod:
    case SYS_fchmod:
      *change = {Change::kMode, 1, -1, false};
      return true;
    case SYS_fchmodat:
      *change = {Change::kMode, 2, -1, false};
      return true;
    case uapi::kNrFchmodat2:
      *change = {Change::kMode, 2, 3, false};
      return true;
    case SYS_chown:
    case SYS_fchown:
      *change = {Change::kOwner, 1, -1, false};
      return true;
    case SYS_lchown:
      *change = {Change::kOwner, 1, -1, true};
      return true;
    case SYS_fchownat:
      *change = {Change::kOwner, 2, 4, false};
      return true;
    case SYS_utime:
    case SYS_utimes:
    case SYS_futimesat:
      *change = {Change::kTimes, 0, -1, false};
      return true;
    case SYS_utimensat:
      *change = {Change::kTimes, 0, 3, false};
      return true;
    case SYS_setxattr:
    case SYS_fsetxattr:
      *change = {Change::kSetAttribute, 4, -1, false};
      return true;
    case SYS_lsetxattr:
      *change = {Change::kSetAttribute, 4, -1, true};
      return true;
    case SYS_removexattr:
    case SYS_fremovexattr:
      *change = {Change::kRemoveAttribute, 0, -1, false};
      return true;
    case SYS_lremovexattr:
      *change = {Change::kRemoveAttribute, 0, -1, true};
      return true;
    default:
      return false;
  }
}

// The copied times in the form of utimensat(2); null without any, which means now.
const timespec* TimesOf(int call, const std::string& bytes, timespec out[2]) {
  if (call == SYS_utime && bytes.size() == sizeof(utimbuf)) {
    utimbuf given;
    memcpy(&given, bytes.data(), sizeof given);
    out[0] = {.tv_sec = given.actime, .tv_nsec = 0};
    out[1] = {.tv_sec = given.modtime, .tv_nsec = 0};
    return out;
  }
  if (bytes.size() != 2 * sizeof(timespec)) return nullptr;
  memcpy(out, bytes.data(), bytes.size());
  if (call != SYS_utimensat) {
    for (int i = 0; i < 2; ++i) {
      out[i].tv_nsec = out[i].tv_nsec < 0 || out[i].tv_nsec >= 1000000 ? -1 : out[i].tv_nsec * kMicro;
    }
  }
  return out;
}

}  // namespace

int Files::ChangeMetadata(const Request& r) const {
  Change change = {};
  if (!mediate::Find(r.order.call, &change)) return EACCES;
  const int at_flags = change.at_flags < 0 ? 0 : r.flags(change.at_flags);
  const bool nofollow = change.nofollow || (at_flags & AT_SYMLINK_NOFOLLOW) != 0;
  Spot spot;
  if (const int err = Find(r, 0, !nofollow, &spot); err != 0) return err;
  if (!spot.exists()) return ENOENT;
  if (Denied(spot, Use::kWrite)) return EACCES;
  const int object = spot.object.get();
  const std::string number = std::to_string(object);
  int result = -1;
  switch (change.kind) {
    case Change::kMode:
      if (spot.is_link()) return EOPNOTSUPP;
      result = fchmodat(resolver_.descriptors(), number.c_str(), r.mode(change.value), 0);
      break;
    case Change::kOwner:
      result = fchownat(object, "", static_cast<uid_t>(r.argument(change.value)),
                        static_cast<gid_t>(r.argument(change.value + 1)), AT_EMPTY_PATH);
      break;
    case Change::kTimes: {
      timespec times[2];
      result = utimensat(object, "", TimesOf(r.order.call, r.order.bytes, times), AT_EMPTY_PATH);
      break;
    }
    case Change::kSetAttribute:
    case Change::kRemoveAttribute:
      if (spot.is_link()) return EPERM;  // the user's attributes are for files and directories
      if (fchdir(resolver_.descriptors()) != 0) return EACCES;
      result = change.kind == Change::kSetAttribute
                   ? setxattr(number.c_str(), r.order.text.c_str(), r.order.bytes.data(),
                              r.order.bytes.size(), r.flags(change.value))
                   : removexattr(number.c_str(), r.order.text.c_str());
      break;
  }
  return result == 0 ? 0 : errno;
}

}  // namespace sandbox::mediate
