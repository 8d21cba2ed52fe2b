#include "lib/realise/stagehand.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <linux/mount.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/landlock/ruleset.h"
#include "lib/notify/hand_over.h"
#include "lib/proc/children.h"
#include "lib/realise/actor.h"
#include "lib/realise/command.h"
#include "lib/realise/init.h"
#include "lib/realise/namespaces.h"
#include "lib/realise/rules.h"
#include "lib/realise/start.h"
#include "lib/sys/mount.h"
#include "lib/sys/process.h"
#include "lib/view/view.h"

namespace sandbox::realise {
namespace {

absl::StatusOr<UniqueFd> Reopen(const Directory& directory) {
  UniqueFd fd(open(directory.path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.ok()) return ErrnoError(errno, "open", directory.path);
  struct stat info = {};
  if (fstat(fd.get(), &info) != 0) return ErrnoError(errno, "fstat", directory.path);
  if (info.st_dev != directory.device || info.st_ino != directory.inode) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory.path, " was replaced while the chain started"));
  }
  return fd;
}

absl::Status MountLayer(const Layer& layer) {
  ASSIGN_OR_RETURN(const UniqueFd lower, Reopen(layer.workdir));
  ASSIGN_OR_RETURN(const UniqueFd upper, Reopen(layer.upper));
  ASSIGN_OR_RETURN(const UniqueFd work, Reopen(layer.work));
  ASSIGN_OR_RETURN(const UniqueFd storage, Reopen(layer.storage));
  RETURN_IF_ERROR(sys::MountOverlay(lower.get(), upper.get(), work.get(), layer.workdir.path));
  return sys::Mount("tmpfs", layer.storage.path, "tmpfs", MOUNT_ATTR_RDONLY, "mode=0,size=4k");
}

absl::Status MountLayers(const Plan& plan) {
  for (const Layer& layer : plan.layers) {
    if (absl::Status status = MountLayer(layer); !status.ok()) {
      return Annotate(status, absl::StrCat("cannot put a layer over ", layer.workdir.path));
    }
  }
  return absl::OkStatus();
}

// What a uid of the machine may write by its number alone, whatever its capabilities.
absl::Status ProtectSysfs() {
  if (access("/sys", F_OK) != 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const UniqueFd tree, sys::CloneTree("/sys"));
  RETURN_IF_ERROR(sys::SetTreeAttributes(tree.get(), MOUNT_ATTR_RDONLY));
  return sys::AttachTree(tree.get(), "/sys");
}

[[noreturn]] void BecomeCommand(const Plan& plan, const Wires& wires, SetUp* page) {
  absl::Status status = sys::SetParentDeathSignal(SIGKILL);
  pollfd keeper = {.fd = wires.keeper_pidfd, .events = POLLIN, .revents = 0};
  if (status.ok() && poll(&keeper, 1, 0) != 0) {
    status = absl::FailedPreconditionError("the keeper has ended");
  }
  absl::StatusOr<UniqueFd> listener = UniqueFd();
  if (status.ok()) {
    listener = Confine(plan, &page->engaged);
    status = listener.status();
  }
  if (!status.ok()) {
    page->Fail(status);
    _exit(125);
  }
  // The stagehand, which shares the descriptor table and stands under no filter, hands it over.
  page->command_ready.Set(1 + static_cast<uint32_t>(listener->ok() ? listener->get() : 0));
  page->go.Wait();
  const absl::StatusOr<int> err = ExecCommand(plan);
  if (!err.ok()) {
    page->Fail(err.status());
    _exit(125);
  }
  page->exec_failed.Set(1 + static_cast<uint32_t>(*err));
  _exit(ExitCodeForExec(*err));
}

absl::Status StartInit(const Wires& wires, const std::string& root, SetUp* page) {
  RETURN_IF_ERROR(sys::Unshare(CLONE_NEWPID));
  ASSIGN_OR_RETURN(const pid_t init, sys::CloneProcess(CLONE_PARENT));
  if (init == 0) {
    RunInit({.proc = root + "/proc",
             .read_only_sysctl = geteuid() == 0,
             .keeper_pidfd = wires.keeper_pidfd,
             .questions = wires.init_questions},
            page);
  }
  page->init = init;
  page->init_ready.Wait();  // the keeper kills us when init ends instead
  return absl::OkStatus();
}

absl::Status StartActor(const Plan& plan, const Wires& wires, SetUp* page) {
  if (wires.actor_orders < 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const pid_t actor, sys::CloneProcess(CLONE_PARENT));
  if (actor == 0) RunActor(plan, wires.actor_orders, wires.keeper_pidfd, page);
  page->actor = actor;
  page->actor_ready.Wait();  // the keeper kills us when it ends instead
  return absl::OkStatus();
}

// The domain that actor and command share, in which the command's own is nested: so the actor has
// the command's rights and may look into the command, not the other way round. With scopes, for the
// actor connects to abstract sockets, too, and in the caller's network those are the host's.
absl::Status EnterSharedDomain(const Plan& plan, const Wires& wires) {
  if (wires.actor_orders < 0 || !plan.landlock) return absl::OkStatus();
  RETURN_IF_ERROR(sys::SetNoNewPrivs());
  ASSIGN_OR_RETURN(const landlock::Ruleset ruleset, MakeRuleset(plan));
  return ruleset.Enforce().status();
}

absl::Status Build(const Plan& plan, const Wires& wires, SetUp* page) {
  if (!plan.strict) return EnterWorkingDirectory(plan);
  RETURN_IF_ERROR(EnterNamespaces(plan, wires.maps));
  RETURN_IF_ERROR(view::CheckIdentities(plan.view));
  RETURN_IF_ERROR(MountLayers(plan));
  std::string root;
  if (plan.has_view) {
    ASSIGN_OR_RETURN(root, view::Build(plan.view));
  } else if (geteuid() == 0) {
    RETURN_IF_ERROR(ProtectSysfs());
  }
  RETURN_IF_ERROR(StartInit(wires, root, page));
  if (plan.has_view) RETURN_IF_ERROR(sys::PivotInto(root));
  return EnterWorkingDirectory(plan);
}

absl::Status Run(const Plan& plan, const Wires& wires, SetUp* page) {
  RETURN_IF_ERROR(proc::DieWithParent(wires.keeper));
  RETURN_IF_ERROR(Build(plan, wires, page));
  RETURN_IF_ERROR(EnterSharedDomain(plan, wires));
  ASSIGN_OR_RETURN(const pid_t command, sys::CloneProcess(CLONE_PARENT | CLONE_FILES));
  if (command == 0) BecomeCommand(plan, wires, page);
  page->command = command;
  RETURN_IF_ERROR(StartActor(plan, wires, page));
  const auto listener = static_cast<int>(page->command_ready.Wait()) - 1;
  return listener > 0 ? notify::GiveListener(wires.router, listener, command) : absl::OkStatus();
}

}  // namespace

void RunStagehand(const Plan& plan, const Wires& wires, SetUp* page) {
  const absl::Status status = Run(plan, wires, page);
  if (!status.ok()) page->Fail(status);
  _exit(status.ok() ? 0 : 125);
}

}  // namespace sandbox::realise
