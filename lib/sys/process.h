// Typed system calls about processes, credentials and namespaces.
//
// Each wraps one call, fails with a Status that carries errno, and neither blocks nor retries
// unless said. Source: the man page of the same name.

#ifndef LIB_SYS_PROCESS_H_
#define LIB_SYS_PROCESS_H_

#include <cstdint>
#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::sys {

// prctl(PR_SET_NO_NEW_PRIVS): irrevocable, inherited.
absl::Status SetNoNewPrivs();

// prctl(PR_SET_DUMPABLE): what is not dumpable cannot be traced or read by processes of the same
// user; execve sets it back.
absl::Status SetDumpable(bool dumpable);

// prctl(PR_SET_CHILD_SUBREAPER): orphans below this process become its children.
absl::Status SetChildSubreaper();

// prctl(PR_SET_PDEATHSIG): `signal` is sent to the caller when the thread that made it ends.
// Cleared by execve of a set-user-ID program and by credential changes. The parent may be gone
// already: check after the call.
absl::Status SetParentDeathSignal(int signal);

// pidfd_open(2), close-on-exec. Linux 5.3.
absl::StatusOr<UniqueFd> PidfdOpen(pid_t pid);

// pidfd_getfd(2): a copy of descriptor `fd` of the process. Linux 5.6; needs ptrace access.
absl::StatusOr<UniqueFd> PidfdGetfd(int pidfd, int fd);

// pidfd_send_signal(2). Linux 5.1. NotFound when the process is gone.
absl::Status PidfdSendSignal(int pidfd, int signal);

absl::Status Unshare(int flags);
absl::Status Setns(int fd, int type);

// clone(2) without a new stack: returns twice, as fork does; 0 in the child. The caller must be
// single-threaded. `flags` may not hold CLONE_VM. The exit signal is SIGCHLD, with CLONE_PARENT
// the caller's own.
absl::StatusOr<pid_t> CloneProcess(uint64_t flags);

// close_range(2). Linux 5.9 (CLOSE_RANGE_CLOEXEC: 5.11).
absl::Status CloseRange(unsigned first, unsigned last, unsigned flags);

// execveat(fd, "", argv, envp, AT_EMPTY_PATH): returns only on failure.
absl::Status ExecveFd(int fd, char* const argv[], char* const envp[]);

// Empties the permitted, effective, inheritable and ambient capability sets except for `keep` (a
// bit mask of capability numbers below 64), which stay permitted and effective where they are
// permitted now.
absl::Status KeepCapabilities(uint64_t keep);

// The permitted capabilities of the caller, a bit mask.
absl::StatusOr<uint64_t> PermittedCapabilities();

}  // namespace sandbox::sys

#endif  // LIB_SYS_PROCESS_H_
