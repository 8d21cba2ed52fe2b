#include "lib/realise/namespaces.h"

#include <cerrno>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/base/status.h"
#include "lib/sys/mount.h"
#include "lib/sys/process.h"

namespace sandbox::realise {

namespace {

absl::Status NameHost(const Isolation& isolation) {
  const std::string& name = isolation.hostname;
  if (name.empty()) return absl::OkStatus();
  if (!isolation.uts) return absl::InternalError("the host's own name is not to be changed");
  return sethostname(name.data(), name.size()) == 0 ? absl::OkStatus()
                                                    : ErrnoError(errno, "sethostname", name);
}

}  // namespace

absl::Status EnterNamespaces(const Plan& plan, const ns::MapRequest& maps) {
  int fresh = CLONE_NEWNS;
  if (plan.isolation.ipc) fresh |= CLONE_NEWIPC;
  if (plan.isolation.uts) fresh |= CLONE_NEWUTS;
  if (plan.isolation.cgroup) fresh |= CLONE_NEWCGROUP;
  if (plan.own_net) fresh |= CLONE_NEWNET;
  if (plan.user_namespace.ok()) {
    RETURN_IF_ERROR(sys::Setns(plan.user_namespace.get(), CLONE_NEWUSER));
    RETURN_IF_ERROR(sys::Setns(plan.net_namespace.get(), CLONE_NEWNET));
    RETURN_IF_ERROR(sys::Unshare(fresh));
  } else {
    RETURN_IF_ERROR(ns::EnterUserNamespace(fresh, maps));
  }
  RETURN_IF_ERROR(sys::Mount("", "/", "", MS_REC | MS_PRIVATE));
  RETURN_IF_ERROR(NameHost(plan.isolation));
  return plan.own_net ? ns::BringLoopbackUp() : absl::OkStatus();
}

}  // namespace sandbox::realise
