#include "lib/notify/calls.h"

#include <sys/syscall.h>

namespace sandbox::notify {
namespace {

constexpr Copy kNo = Copy::kNone;

constexpr Call kCalls[] = {
    {SYS_open, "open", "open", {Copy::kPath}, -1, 1},
    {SYS_creat, "creat", "open", {Copy::kPath}, -1, -2},
    {SYS_openat, "openat", "open", {kNo, Copy::kPath}, 0, 2},
    {SYS_openat2, "openat2", "open", {kNo, Copy::kPath}, 0, -1},
    {SYS_execve, "execve", "exec", {Copy::kPath, Copy::kArgv}, -1, -1},
    {SYS_execveat, "execveat", "exec", {kNo, Copy::kPath, Copy::kArgv}, 0, -1},
    {SYS_connect, "connect", "connect", {kNo, Copy::kSockaddr}, -1, -1},
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
