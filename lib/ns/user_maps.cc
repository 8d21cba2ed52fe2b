#include "lib/ns/user_maps.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"
#include "lib/sys/process.h"

namespace sandbox::ns {
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

// The caller's own ranges on both sides: lines of "INSIDE INSIDE COUNT".
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

absl::Status WriteFullMaps(pid_t pid) {
  for (const char* map : {"uid_map", "gid_map"}) {
    ASSIGN_OR_RETURN(const std::string ranges, OwnRanges(absl::StrCat("/proc/self/", map)));
    RETURN_IF_ERROR(WriteFile(absl::StrCat("/proc/", pid, "/", map), ranges));
  }
  return absl::OkStatus();
}

bool MayMapRanges() {
  const auto permitted = sys::PermittedCapabilities();
  constexpr uint64_t kNeeded = uint64_t{1} << CAP_SETUID | uint64_t{1} << CAP_SETGID;
  return geteuid() == 0 && permitted.ok() && (*permitted & kNeeded) == kNeeded;
}

absl::Status MapSelf(uid_t uid, gid_t gid) {
  RETURN_IF_ERROR(WriteFile("/proc/self/setgroups", "deny"));
  RETURN_IF_ERROR(WriteFile("/proc/self/uid_map", absl::StrCat(uid, " ", uid, " 1")));
  return WriteFile("/proc/self/gid_map", absl::StrCat(gid, " ", gid, " 1"));
}

absl::Status LetParentMap(const MapRequest& request) {
  if (const int err = WriteAllSignalSafe(request.want, "m", 1); err != 0) {
    return ErrnoError(err, "write", "map request");
  }
  char byte = 0;
  int err = 0;
  if (ReadAllSignalSafe(request.done, &byte, 1, &err) != 1) {
    return absl::FailedPreconditionError("the user namespace's maps could not be written");
  }
  return absl::OkStatus();
}

absl::Status MakePipe(UniqueFd* read_end, UniqueFd* write_end) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return ErrnoError(errno, "pipe2");
  read_end->reset(fds[0]);
  write_end->reset(fds[1]);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<MapHelper> MapHelper::Create() {
  MapHelper helper;
  if (!MayMapRanges()) return helper;
  RETURN_IF_ERROR(MakePipe(&helper.want_read_, &helper.want_write_));
  RETURN_IF_ERROR(MakePipe(&helper.done_read_, &helper.done_write_));
  return helper;
}

absl::Status MapHelper::Serve(pid_t child) {
  if (!want_read_.ok()) return absl::OkStatus();
  want_write_.reset();
  done_read_.reset();
  char byte = 0;
  int err = 0;
  absl::Status status;
  if (ReadAllSignalSafe(want_read_.get(), &byte, 1, &err) == 1) {
    status = WriteFullMaps(child);
    if (status.ok()) {
      err = WriteAllSignalSafe(done_write_.get(), &byte, 1);
      if (err != 0) status = ErrnoError(err, "write", "maps done");
    }
  }
  done_write_.reset();  // without an answer the child gives up
  want_read_.reset();
  return status;
}

absl::Status EnterUserNamespace(int more, const MapRequest& request) {
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  RETURN_IF_ERROR(sys::Unshare(CLONE_NEWUSER | more));
  return request.want >= 0 ? LetParentMap(request) : MapSelf(uid, gid);
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

}  // namespace sandbox::ns
