#include "lib/realise/namespaces.h"

#include <sched.h>
#include <sys/mount.h>

#include "lib/base/status.h"
#include "lib/sys/mount.h"
#include "lib/sys/process.h"

namespace sandbox::realise {

absl::Status EnterNamespaces(const Plan& plan, const ns::MapRequest& maps) {
  int fresh = CLONE_NEWNS;
  if (plan.isolate) fresh |= CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
  if (plan.own_net) fresh |= CLONE_NEWNET;
  if (plan.user_namespace.ok()) {
    RETURN_IF_ERROR(sys::Setns(plan.user_namespace.get(), CLONE_NEWUSER));
    RETURN_IF_ERROR(sys::Setns(plan.net_namespace.get(), CLONE_NEWNET));
    RETURN_IF_ERROR(sys::Unshare(fresh));
  } else {
    RETURN_IF_ERROR(ns::EnterUserNamespace(fresh, maps));
  }
  RETURN_IF_ERROR(sys::Mount("", "/", "", MS_REC | MS_PRIVATE));
  return plan.own_net ? ns::BringLoopbackUp() : absl::OkStatus();
}

}  // namespace sandbox::realise
