#include "lib/realise/namespaces.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"
#include "lib/sys/mount.h"
#include "lib/sys/process.h"

namespace sandbox::realise {
namespace {

absl::Status WriteFile(const std::string& path, absl::string_view text) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.ok()) return ErrnoError(errno, "open", path);
  const int err = WriteAllSignalSafe(file.get(), text.data(), text.size());
  return err == 0 ? absl::OkStatus() : ErrnoError(err, "write", path);
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return ErrnoError(errno, "open", path);
  std::string text(4096, '\0');
  int err = 0;
  const ptrdiff_t size = ReadAllSignalSafe(file.get(), text.data(), text.size(), &err);
  if (size < 0) return ErrnoError(err, "read", path);
  text.resize(static_cast<size_t>(size));
  return text;
}

// "INSIDE OUTSIDE COUNT" lines with the inside of each on both sides.
absl::StatusOr<std::string> OwnRanges(const std::string& map) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(map));
  std::string ranges;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (fields.size() != 3) return absl::InternalError(absl::StrCat("cannot read ", map));
    absl::StrAppend(&ranges, fields[0], " ", fields[0], " ", fields[2], "\n");
  }
  return ranges;
}

absl::Status MapSelf(uid_t uid, gid_t gid) {
  RETURN_IF_ERROR(WriteFile("/proc/self/setgroups", "deny"));
  RETURN_IF_ERROR(WriteFile("/proc/self/uid_map", absl::StrCat(uid, " ", uid, " 1")));
  return WriteFile("/proc/self/gid_map", absl::StrCat(gid, " ", gid, " 1"));
}

absl::Status LetKeeperMap(int want_maps, int maps_done) {
  if (const int err = WriteAllSignalSafe(want_maps, "m", 1); err != 0) {
    return ErrnoError(err, "write", "map request");
  }
  char byte = 0;
  int err = 0;
  if (ReadAllSignalSafe(maps_done, &byte, 1, &err) != 1) {
    return absl::FailedPreconditionError("the keeper could not write the user namespace's maps");
  }
  return absl::OkStatus();
}

absl::Status BringLoopbackUp() {
  const UniqueFd control(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!control.ok()) return ErrnoError(errno, "socket");
  ifreq request = {};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(control.get(), SIOCSIFFLAGS, &request) != 0) {
    return ErrnoError(errno, "ioctl", "SIOCSIFFLAGS lo");
  }
  return absl::OkStatus();
}

}  // namespace

bool MapsOwnRange() {
  const auto permitted = sys::PermittedCapabilities();
  constexpr uint64_t kNeeded = uint64_t{1} << CAP_SETUID | uint64_t{1} << CAP_SETGID;
  return geteuid() == 0 && permitted.ok() && (*permitted & kNeeded) == kNeeded;
}

absl::Status WriteFullMaps(pid_t pid) {
  for (const char* map : {"uid_map", "gid_map"}) {
    ASSIGN_OR_RETURN(const std::string ranges, OwnRanges(absl::StrCat("/proc/self/", map)));
    RETURN_IF_ERROR(WriteFile(absl::StrCat("/proc/", pid, "/", map), ranges));
  }
  return absl::OkStatus();
}

absl::Status EnterNamespaces(const Plan& plan, int want_maps, int maps_done) {
  int fresh = CLONE_NEWNS;
  if (plan.isolate) fresh |= CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
  if (plan.own_net) fresh |= CLONE_NEWNET;
  if (plan.user_namespace.ok()) {
    RETURN_IF_ERROR(sys::Setns(plan.user_namespace.get(), CLONE_NEWUSER));
    RETURN_IF_ERROR(sys::Setns(plan.net_namespace.get(), CLONE_NEWNET));
    RETURN_IF_ERROR(sys::Unshare(fresh));
  } else {
    const uid_t uid = geteuid();
    const gid_t gid = getegid();
    RETURN_IF_ERROR(sys::Unshare(CLONE_NEWUSER | fresh));
    RETURN_IF_ERROR(want_maps >= 0 ? LetKeeperMap(want_maps, maps_done) : MapSelf(uid, gid));
  }
  RETURN_IF_ERROR(sys::Mount("", "/", "", MS_REC | MS_PRIVATE));
  return plan.own_net ? BringLoopbackUp() : absl::OkStatus();
}

}  // namespace sandbox::realise
