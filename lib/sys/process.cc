#include "lib/sys/process.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "lib/base/check.h"
#include "lib/base/status.h"

namespace sandbox::sys {
namespace {

absl::Status Result(int64_t result, absl::string_view call, absl::string_view object = "") {
  if (result < 0) return ErrnoError(errno, call, object);
  return absl::OkStatus();
}

}  // namespace

absl::Status SetNoNewPrivs() {
  return Result(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl", "PR_SET_NO_NEW_PRIVS");
}

absl::Status SetDumpable(bool dumpable) {
  return Result(prctl(PR_SET_DUMPABLE, dumpable ? 1 : 0, 0, 0, 0), "prctl", "PR_SET_DUMPABLE");
}

absl::Status SetChildSubreaper() {
  return Result(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl", "PR_SET_CHILD_SUBREAPER");
}

absl::Status SetParentDeathSignal(int signal) {
  return Result(prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0), "prctl", "PR_SET_PDEATHSIG");
}

absl::StatusOr<UniqueFd> PidfdOpen(pid_t pid) {
  UniqueFd fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!fd.ok()) return ErrnoError(errno, "pidfd_open", absl::StrCat(pid));
  return fd;
}

absl::StatusOr<UniqueFd> PidfdGetfd(int pidfd, int fd) {
  UniqueFd copy(static_cast<int>(syscall(SYS_pidfd_getfd, pidfd, fd, 0)));
  if (!copy.ok()) return ErrnoError(errno, "pidfd_getfd", absl::StrCat(fd));
  return copy;
}

absl::Status PidfdSendSignal(int pidfd, int signal) {
  return Result(syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0), "pidfd_send_signal");
}

absl::Status Unshare(int flags) {
  return Result(unshare(flags), "unshare", absl::StrCat("0x", absl::Hex(flags)));
}

absl::Status Setns(int fd, int type) {
  return Result(setns(fd, type), "setns", absl::StrCat("0x", absl::Hex(type)));
}

absl::StatusOr<pid_t> CloneProcess(uint64_t flags) {
  CHECK((flags & CLONE_VM) == 0);
  const uint64_t with_signal = (flags & CLONE_PARENT) != 0 ? flags : flags | SIGCHLD;
  const int64_t pid = syscall(SYS_clone, with_signal, 0, 0, 0, 0);
  if (pid < 0) return ErrnoError(errno, "clone", absl::StrCat("0x", absl::Hex(flags)));
  return static_cast<pid_t>(pid);
}

absl::Status CloseRange(unsigned first, unsigned last, unsigned flags) {
  return Result(syscall(SYS_close_range, first, last, flags), "close_range");
}

absl::Status ExecveFd(int fd, char* const argv[], char* const envp[]) {
  return Result(syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH), "execveat", argv[0]);
}

absl::StatusOr<uint64_t> PermittedCapabilities() {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[2] = {};
  RETURN_IF_ERROR(Result(syscall(SYS_capget, &header, data), "capget"));
  return data[0].permitted | static_cast<uint64_t>(data[1].permitted) << 32;
}

absl::Status KeepCapabilities(uint64_t keep) {
  ASSIGN_OR_RETURN(const uint64_t permitted, PermittedCapabilities());
  const uint64_t kept = permitted & keep;
  const auto low = static_cast<uint32_t>(kept);
  const auto high = static_cast<uint32_t>(kept >> 32);
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const __user_cap_data_struct data[2] = {
      {.effective = low, .permitted = low, .inheritable = 0},
      {.effective = high, .permitted = high, .inheritable = 0},
  };
  RETURN_IF_ERROR(Result(syscall(SYS_capset, &header, data), "capset"));
  return Result(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "prctl",
                "PR_CAP_AMBIENT_CLEAR_ALL");
}

}  // namespace sandbox::sys
