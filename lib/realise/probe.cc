#include "lib/realise/probe.h"

#include <cerrno>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/proc/children.h"
#include "lib/realise/namespaces.h"
#include "lib/realise/set_up.h"
#include "lib/sys/mount.h"
#include "lib/sys/process.h"

namespace sandbox::realise {
namespace {

constexpr int kRefused = 1;
constexpr int kFailed = 2;

// How kernels and their security modules say that namespaces are not to be had; a lack of memory,
// say, is no such answer.
bool IsRefusal(int err) {
  return err == EPERM || err == EACCES || err == ENOSPC || err == ENOSYS || err == EINVAL ||
         err == EUSERS;
}

absl::Status Try(pid_t parent) {
  RETURN_IF_ERROR(proc::DieWithParent(parent));
  Plan plan;
  plan.isolation = {.ipc = true, .uts = true, .cgroup = true};
  plan.own_net = true;
  RETURN_IF_ERROR(EnterNamespaces(plan, {}));
  return sys::Mount("tmpfs", "/", "tmpfs", 0);
}

}  // namespace

absl::Status CanMakeNamespaces() {
  ASSIGN_OR_RETURN(const SetUpPage page, MapSetUp());
  const pid_t parent = getpid();
  ASSIGN_OR_RETURN(const pid_t child, sys::CloneProcess(0));
  if (child == 0) {
    const absl::Status status = Try(parent);
    if (!status.ok()) page->Fail(status);
    _exit(status.ok() ? 0 : IsRefusal(GetErrno(status)) ? kRefused : kFailed);
  }
  int raw = 0;
  while (waitpid(child, &raw, 0) < 0 && errno == EINTR) continue;
  if (raw == 0) return absl::OkStatus();
  const std::string reason = page->Failure();
  if (WIFEXITED(raw) && WEXITSTATUS(raw) == kRefused) return absl::UnavailableError(reason);
  return absl::InternalError(absl::StrCat("cannot find out whether namespaces work here: ",
                                          reason.empty() ? "the probe was killed" : reason));
}

}  // namespace sandbox::realise
