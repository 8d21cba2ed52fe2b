#include "lib/seccomp/install.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/status.h"

namespace sandbox::seccomp {
namespace {

// SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, Linux 5.19.
constexpr unsigned kWaitKillable = 1u << 5;

int64_t SetFilter(absl::Span<const sock_filter> program, unsigned flags) {
  const sock_fprog filter = {.len = static_cast<uint16_t>(program.size()),
                             .filter = const_cast<sock_filter*>(program.data())};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
}

}  // namespace

absl::Status InstallFilter(absl::Span<const sock_filter> program) {
  if (SetFilter(program, 0) != 0) return ErrnoError(errno, "seccomp", "SECCOMP_SET_MODE_FILTER");
  return absl::OkStatus();
}

absl::StatusOr<UniqueFd> InstallListener(absl::Span<const sock_filter> program) {
  int64_t fd = SetFilter(program, SECCOMP_FILTER_FLAG_NEW_LISTENER | kWaitKillable);
  if (fd < 0 && errno == EINVAL) fd = SetFilter(program, SECCOMP_FILTER_FLAG_NEW_LISTENER);
  if (fd < 0 && errno == EBUSY) {
    return Annotate(ErrnoError(EBUSY, "seccomp"),
                    "another supervisor already watches this process; join the stages without a "
                    "program between");
  }
  if (fd < 0) return ErrnoError(errno, "seccomp", "SECCOMP_FILTER_FLAG_NEW_LISTENER");
  return UniqueFd(static_cast<int>(fd));  // close-on-exec by itself
}

}  // namespace sandbox::seccomp
