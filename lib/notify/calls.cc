#include "lib/notify/calls.h"

#include <sys/syscall.h>

#include "lib/uapi/syscall_nr.h"

namespace sandbox::notify {
namespace {

constexpr Copy kNo = Copy::kNone;
constexpr Copy kPath = Copy::kPath;
constexpr Copy kText = Copy::kText;
constexpr bool kByNumber = true;

// In "change" is what makes, removes or renames names, or changes a file's metadata.
constexpr Call kCalls[] = {
    {SYS_open, "open", "open", {kPath}, -1, 1, -1},
    {SYS_creat, "creat", "open", {kPath}, -1, -2, -1},
    {SYS_openat, "openat", "open", {kNo, kPath}, 0, 2, -1},
    {SYS_openat2, "openat2", "open", {kNo, kPath}, 0, -1, -1},
    {SYS_execve, "execve", "exec", {kPath, Copy::kArgv}, -1, -1, -1},
    {SYS_execveat, "execveat", "exec", {kNo, kPath, Copy::kArgv}, 0, -1, -1},
    {SYS_connect, "connect", "connect", {kNo, Copy::kSockaddr}, -1, -1, -1},
    {SYS_bind, "bind", "bind", {kNo, Copy::kSockaddr}, -1, -1, -1},
    {SYS_mkdir, "mkdir", "change", {kPath}, -1, -1, -1},
    {SYS_mkdirat, "mkdirat", "change", {kNo, kPath}, 0, -1, -1},
    {SYS_mknod, "mknod", "change", {kPath}, -1, -1, -1},
    {SYS_mknodat, "mknodat", "change", {kNo, kPath}, 0, -1, -1},
    {SYS_symlink, "symlink", "change", {kText, kPath}, -1, -1, -1},
    {SYS_symlinkat, "symlinkat", "change", {kText, kNo, kPath}, 1, -1, -1},
    {SYS_link, "link", "change", {kPath, kPath}, -1, -1, -1},
    {SYS_linkat, "linkat", "change", {kNo, kPath, kNo, kPath}, 0, -1, 2},
    {SYS_rename, "rename", "change", {kPath, kPath}, -1, -1, -1},
    {SYS_renameat, "renameat", "change", {kNo, kPath, kNo, kPath}, 0, -1, 2},
    {SYS_renameat2, "renameat2", "change", {kNo, kPath, kNo, kPath}, 0, -1, 2},
    {SYS_unlink, "unlink", "change", {kPath}, -1, -1, -1},
    {SYS_unlinkat, "unlinkat", "change", {kNo, kPath}, 0, -1, -1},
    {SYS_rmdir, "rmdir", "change", {kPath}, -1, -1, -1},
    {SYS_truncate, "truncate", "change", {kPath}, -1, -1, -1},
    {SYS_chmod, "chmod", "change", {kPath}, -1, -1, -1},
    {SYS_fchmod, "fchmod", "change", {}, 0, -1, -1, kByNumber},
    {SYS_fchmodat, "fchmodat", "change", {kNo, kPath}, 0, -1, -1},
    {uapi::kNrFchmodat2, "fchmodat2", "change", {kNo, kPath}, 0, -1, -1},
    {SYS_chown, "chown", "change", {kPath}, -1, -1, -1},
    {SYS_lchown, "lchown", "change", {kPath}, -1, -1, -1},
    {SYS_fchown, "fchown", "change", {}, 0, -1, -1, kByNumber},
    {SYS_fchownat, "fchownat", "change", {kNo, kPath}, 0, -1, -1},
    {SYS_utime, "utime", "change", {kPath, Copy::kUtimbuf}, -1, -1, -1},
    {SYS_utimes, "utimes", "change", {kPath, Copy::kTimes}, -1, -1, -1},
    {SYS_futimesat, "futimesat", "change", {kNo, kPath, Copy::kTimes}, 0, -1, -1, kByNumber},
    {SYS_utimensat, "utimensat", "change", {kNo, kPath, Copy::kTimes}, 0, -1, -1, kByNumber},
    {SYS_setxattr, "setxattr", "change", {kPath, kText, Copy::kBytes}, -1, -1, -1},
    {SYS_lsetxattr, "lsetxattr", "change", {kPath, kText, Copy::kBytes}, -1, -1, -1},
    {SYS_fsetxattr, "fsetxattr", "change", {kNo, kText, Copy::kBytes}, 0, -1, -1, kByNumber},
    {SYS_removexattr, "removexattr", "change", {kPath, kText}, -1, -1, -1},
    {SYS_lremovexattr, "lremovexattr", "change", {kPath, kText}, -1, -1, -1},
    {SYS_fremovexattr, "fremovexattr", "change", {kNo, kText}, 0, -1, -1, kByNumber},
};

}  // namespace

absl::Span<const Call> Calls() { return kCalls; }

const Call* FindCall(int number) {
  for (const Call& call : kCalls) {
    if (call.number == number) return &call;
  }
  return nullptr;
}

}  // namespace sandbox::notify
