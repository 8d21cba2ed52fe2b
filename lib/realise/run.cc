#include "lib/realise/run.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/fd/message.h"
#include "lib/ns/user_maps.h"
#include "lib/proc/children.h"
#include "lib/proc/event_loop.h"
#include "lib/proc/keeper.h"
#include "lib/proc/signals.h"
#include "lib/realise/command.h"
#include "lib/realise/deadline.h"
#include "lib/realise/guard.h"
#include "lib/realise/init.h"
#include "lib/realise/rules.h"
#include "lib/realise/set_up.h"
#include "lib/realise/stagehand.h"
#include "lib/realise/start.h"
#include "lib/sys/process.h"

namespace sandbox::realise {
namespace {

using proc::WaitStatus;

// Everything that keeper and stagehand share, the keeper's ends and the stagehand's.
struct Connections {
  UniqueFd keeper_pidfd;
  ns::MapHelper maps;
  std::pair<UniqueFd, UniqueFd> init;    // ours, init's
  std::pair<UniqueFd, UniqueFd> router;  // ours, the stagehand's
  std::pair<UniqueFd, UniqueFd> actor;   // ours, the actor's
};

absl::StatusOr<Connections> Connect(const Plan& plan) {
  Connections c;
  ASSIGN_OR_RETURN(c.keeper_pidfd, sys::PidfdOpen(getpid()));
  ASSIGN_OR_RETURN(c.init, MakeSocketPair());
  if (plan.strict && !plan.user_namespace.ok()) {
    ASSIGN_OR_RETURN(c.maps, ns::MapHelper::Create());
  }
  if (DecisionsOf(plan).any()) {
    ASSIGN_OR_RETURN(c.router, MakeSocketPair());
    ASSIGN_OR_RETURN(c.actor, MakeSocketPair());
  }
  return c;
}

Wires WiresOf(const Plan& plan, const Connections& c, pid_t keeper) {
  Wires wires = {.keeper = keeper,
                 .keeper_pidfd = c.keeper_pidfd.get(),
                 .maps = c.maps.request(),
                 .init_questions = c.init.second.get(),
                 .router = c.router.second.get(),
                 .actor_orders = c.actor.second.get()};
  if (wires.router < 0 && !plan.observers.empty()) wires.router = plan.observers[0].socket.get();
  return wires;
}

// The keeper while the stagehand works: the first end of any of its processes decides.
class SetUpWatch {
 public:
  SetUpWatch(pid_t stagehand, const SetUp* page, Guard* guard)
      : stagehand_(stagehand),
        page_(page),
        guard_(guard),
        router_(guard != nullptr ? guard->router() : -1) {}

  // Returns when the command is confined and waits, or with the reason why not.
  absl::Status Wait() {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    const UniqueFd ended(signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!ended.ok()) return ErrnoError(errno, "signalfd");
    while (true) {
      signalfd_siginfo info;
      while (read(ended.get(), &info, sizeof info) > 0) continue;
      if (const auto result = Reap(); result.has_value()) return *result;
      pollfd wait[] = {{.fd = ended.get(), .events = POLLIN, .revents = 0},
                       {.fd = router_, .events = POLLIN, .revents = 0}};
      poll(wait, 2, -1);
      // Without a listener the stagehand fails or has failed: its end is what counts.
      if (wait[1].revents != 0 && !guard_->TakeListener().ok()) router_ = -1;
    }
  }

 private:
  absl::Status Failed() const {
    const std::string reason = page_->Failure();
    return absl::InternalError(reason.empty() ? "a process of the set-up was killed" : reason);
  }

  std::optional<absl::Status> Reap() {
    int raw = 0;
    pid_t pid = 0;
    while ((pid = waitpid(-1, &raw, WNOHANG | __WALL)) > 0) {
      if (pid == stagehand_) return WaitStatus(raw).ok() ? absl::OkStatus() : Failed();
      return Failed();
    }
    return std::nullopt;
  }

  pid_t stagehand_;
  const SetUp* page_;
  Guard* guard_;
  int router_;
};

// Ends the pid namespace of `init`. Its last act is to wait until all else in there is reaped; the
// actor, and what the command made a sibling of itself (CLONE_PARENT), are ours to reap.
void EndInit(pid_t init) {
  if (init <= 0) return;
  kill(init, SIGKILL);
  pid_t ended = 0;
  while (ended != init) {
    ended = waitpid(-1, nullptr, __WALL);
    if (ended < 0 && errno != EINTR) return;
  }
}

// As timeout(1) has it.
constexpr int kTimedOut = 124;

// Lets the command go and serves until it has ended.
absl::StatusOr<Outcome> Keep(const Plan& plan, SetUp* page, const Connections& c,
                                Guard* guard) {
  ASSIGN_OR_RETURN(const std::unique_ptr<proc::EventLoop> loop, proc::EventLoop::Create());
  if (guard != nullptr) RETURN_IF_ERROR(guard->Serve(loop.get()));
  const int init = c.init.first.get();
  proc::Keeper::Options options;
  options.child = page->command;
  options.outer = plan.outer;
  options.last = true;
  options.watch_outer = !plan.strict;
  bool init_ended = page->init == 0;
  bool actor_ended = page->actor == 0;
  if (plan.strict) {
    options.reached_group = [init](int signal) { return AskInit(init, signal); };
  }
  // Of what the terminal or anybody sends to the job's group, another session gets nothing.
  if (plan.start.new_session) options.reached_group = [](int) { return false; };
  options.other_ended = [&](pid_t pid, WaitStatus) {
    init_ended |= pid == page->init;
    actor_ended |= pid == page->actor;
    // Half a sandbox is none: whoever loses its actor ends, rather than go on with less.
    if (pid == page->actor) kill(page->command, SIGKILL);
  };
  options.kill_left = false;
  // Or a command that stops itself would stop the clock.
  options.stops_along = !plan.limits.timeout.has_value();
  ASSIGN_OR_RETURN(const std::unique_ptr<proc::Keeper> keeper,
                   proc::Keeper::Create(loop.get(), std::move(options)));
  Deadline deadline;
  RETURN_IF_ERROR(deadline.Start(plan.limits, page->command, loop.get()));
  page->go.Set(1);
  ASSIGN_OR_RETURN(const WaitStatus status, keeper->Run());
  // Pid 1 ends last in its namespace: only then are all writers gone.
  if (!actor_ended) kill(page->actor, SIGKILL);
  if (!init_ended) EndInit(page->init);
  proc::KillAllChildren();
  if (deadline.passed()) return Outcome{.status = WaitStatus::Exited(kTimedOut), .timed_out = true};
  const uint32_t failed = page->exec_failed.value();
  return Outcome{.status = status, .exec_errno = failed == 0 ? 0 : static_cast<int>(failed - 1)};
}

}  // namespace

bool NeedsKeeper(const Plan& plan) {
  // The leader of a process group, as the shell makes it, cannot leave it: its child can.
  return plan.strict || !plan.observers.empty() || DecisionsOf(plan).any() ||
         plan.start.new_session;
}

absl::StatusOr<Outcome> Run(Plan plan, const OnEngaged& on_engaged) {
  // The first would receive; the others would wait for what never comes.
  if (plan.observers.size() > 1 && !DecisionsOf(plan).any()) {
    return absl::UnimplementedError("only one stage of a chain can observe");
  }
  ASSIGN_OR_RETURN(const SetUpPage page, MapSetUp());
  ASSIGN_OR_RETURN(Connections c, Connect(plan));
  const pid_t self = getpid();
  ASSIGN_OR_RETURN(const pid_t stagehand, sys::CloneProcess(0));
  if (stagehand == 0) RunStagehand(plan, WiresOf(plan, c, self), page.get());
  CloseDescriptors(plan.start);
  c.init.second.reset();
  c.router.second.reset();
  c.actor.second.reset();
  plan.user_namespace.reset();
  plan.net_namespace.reset();

  std::unique_ptr<Guard> guard;
  if (const Decisions decisions = DecisionsOf(plan); decisions.any()) {
    guard = std::make_unique<Guard>(std::move(c.router.first), std::move(c.actor.first), decisions,
                                    std::move(plan.observers));
  } else {
    plan.observers.clear();  // theirs alone now
  }
  SetUpWatch watch(stagehand, page.get(), guard.get());
  absl::Status status = c.maps.Serve(stagehand);
  if (status.ok()) status = proc::BecomeKeeper(0, /*keep_stdout=*/false);
  if (status.ok()) status = watch.Wait();
  if (!status.ok()) {
    proc::KillAllChildren();
    return status;
  }
  on_engaged(plan, page->engaged);
  if (plan.check_only) {
    proc::KillAllChildren();
    return Outcome{.status = WaitStatus::Exited(0)};
  }
  ASSIGN_OR_RETURN(const Outcome outcome, Keep(plan, page.get(), c, guard.get()));
  if (const std::string reason = page->Failure(); !reason.empty()) {
    return absl::InternalError(reason);
  }
  return outcome;
}

absl::StatusOr<Outcome> RunInPlace(const Plan& plan, const OnEngaged& on_engaged) {
  if (NeedsKeeper(plan)) return absl::InternalError("this plan needs a keeper");
  Engaged engaged;
  RETURN_IF_ERROR(EnterWorkingDirectory(plan));
  RETURN_IF_ERROR(Confine(plan, &engaged).status());
  on_engaged(plan, engaged);
  if (plan.check_only) return Outcome{.status = WaitStatus::Exited(0)};
  ASSIGN_OR_RETURN(const int err, ExecCommand(plan));
  return Outcome{.status = WaitStatus::Exited(ExitCodeForExec(err)), .exec_errno = err};
}

}  // namespace sandbox::realise
