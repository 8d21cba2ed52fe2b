#include "lib/chain/stage.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/chain/version.h"
#include "lib/proc/children.h"
#include "lib/proc/event_loop.h"
#include "lib/proc/keeper.h"
#include "lib/proc/signals.h"
#include "lib/sys/process.h"

namespace sandbox::chain {
namespace {

// A descriptor that this process opens may never get a number that the command takes for stdio.
uint32_t FillClosedStdio() {
  uint32_t closed = 0;
  for (int number = 0; number <= 2; ++number) {
    if (fcntl(number, F_GETFD) >= 0) continue;
    closed |= 1u << number;
    // The stages to come have it too. NOLINTNEXTLINE(android-cloexec-open)
    if (open("/dev/null", O_RDWR) != number) _exit(125);  // nothing to say it on
  }
  return closed;
}

absl::Status SetCloseOnExec(int fd, bool on) {
  if (fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) != 0) {
    return ErrnoError(errno, "fcntl", absl::StrCat("F_SETFD ", fd));
  }
  return absl::OkStatus();
}

// Ends as `child` does; leaves all other children alone.
absl::Status Relay(pid_t child, pid_t outer) {
  RETURN_IF_ERROR(sys::CloseRange(3, ~0u, 0));
  RETURN_IF_ERROR(proc::BecomeRelay());
  ASSIGN_OR_RETURN(const std::unique_ptr<proc::EventLoop> loop, proc::EventLoop::Create());
  proc::Keeper::Options options;
  options.child = child;
  options.outer = outer;
  options.kill_left = false;
  ASSIGN_OR_RETURN(const std::unique_ptr<proc::Keeper> keeper,
                   proc::Keeper::Create(loop.get(), std::move(options)));
  ASSIGN_OR_RETURN(const proc::WaitStatus status, keeper->Run());
  proc::EndAs(status);
}

}  // namespace

Stage Stage::Start(const char* tool, const char* const* environment) {
  Stage stage(tool, Environment::From(environment));
  const proc::SignalState signals = proc::TakeOverSignals();
  handoff::v1::Caller* caller = stage.handoff_.mutable_caller();
  caller->set_closed_stdio(FillClosedStdio());
  caller->set_blocked_signals(signals.blocked);
  caller->set_ignored_signals(signals.ignored);
  prctl(PR_SET_NAME, tool);  // exec'd by descriptor, the name would be a number
  return stage;
}

absl::Status Stage::TakeHandoff() {
  const char* text = environment_.Get(handoff::kVariable);
  if (text == nullptr) return absl::OkStatus();
  int number = -1;
  // As it was written: no spaces, sign or zeros in front.
  if (!absl::SimpleAtoi(text, &number) || number < 3 || text != absl::StrCat(number)) {
    return absl::InvalidArgumentError(absl::StrCat(handoff::kVariable, " is no descriptor"));
  }
  ASSIGN_OR_RETURN(handoff_, handoff::Read(number, getpid()));
  environment_.Unset(handoff::kVariable);
  close(number);
  for (const handoff::v1::Descriptor& descriptor : handoff_.descriptors()) {
    RETURN_IF_ERROR(SetCloseOnExec(descriptor.number(), true));
  }
  outer_ = getppid();
  return absl::OkStatus();
}

absl::Status Stage::Enter(const std::vector<std::string>& words, bool last) {
  if (absl::Status status = TakeHandoff(); !status.ok()) {
    return Annotate(status, "cannot take the handoff");
  }
  for (const handoff::v1::Stage& ran : handoff_.stages()) {
    if (ran.tool() == tool_) {
      return absl::InvalidArgumentError(
          "cannot join this chain: it already has one; give both sets of options to one");
    }
  }
  if (words.empty()) {
    return absl::InvalidArgumentError("cannot run: no command given; write it after --");
  }
  ASSIGN_OR_RETURN(directory_, OpenStageDirectory());
  if (last) {
    next_.argv = words;
  } else {
    next_ = FindNext(words, environment_, directory_.get());
  }
  handoff::v1::Stage* self = handoff_.add_stages();
  self->set_tool(tool_);
  self->set_version(kVersion);
  return absl::OkStatus();
}

void Stage::Give(absl::string_view name, handoff::v1::Descriptor::Kind kind, UniqueFd fd) {
  handoff::v1::Descriptor* descriptor = handoff_.add_descriptors();
  descriptor->set_name(std::string(name));
  descriptor->set_number(fd.get());
  descriptor->set_kind(kind);
  given_.push_back(std::move(fd));
}

absl::StatusOr<UniqueFd> Stage::Take(absl::string_view name) {
  auto* descriptors = handoff_.mutable_descriptors();
  for (int i = 0; i < descriptors->size(); ++i) {
    if (descriptors->Get(i).name() != name) continue;
    UniqueFd fd(descriptors->Get(i).number());
    descriptors->DeleteSubrange(i, 1);
    return fd;
  }
  return absl::NotFoundError(absl::StrCat("no descriptor ", name));
}

absl::Status Stage::StandApart() {
  siginfo_t info = {};
  if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) != 0 && errno == ECHILD) {
    return absl::OkStatus();
  }
  const pid_t relay = getpid();
  ASSIGN_OR_RETURN(const pid_t child, sys::CloneProcess(0));
  if (child == 0) {
    outer_ = relay;
    return proc::DieWithParent(relay);
  }
  Relay(child, outer_).IgnoreError();  // returns only when it failed; the child ends with us
  _exit(125);
}

absl::StatusOr<pid_t> Stage::Split() {
  RETURN_IF_ERROR(StandApart());
  const pid_t parent = getpid();
  ASSIGN_OR_RETURN(const pid_t child, sys::CloneProcess(0));
  if (child == 0) RETURN_IF_ERROR(proc::DieWithParent(parent));
  return child;
}

absl::Status Stage::Pass() {
  if (next_.stage.empty()) {
    std::vector<std::string> argv = {kExec, "--realise", "--"};
    argv.insert(argv.end(), next_.argv.begin(), next_.argv.end());
    const std::string command = next_.argv[0];
    auto realiser = OpenStage(kExec, std::move(argv), directory_.get());
    if (!realiser.ok()) {
      return absl::NotFoundError(
          absl::StrCat("cannot confine ", command, ": ", realiser.status().message()));
    }
    next_ = *std::move(realiser);
  }
  ASSIGN_OR_RETURN(const UniqueFd memfd, handoff::Write(handoff_, getpid()));
  RETURN_IF_ERROR(SetCloseOnExec(memfd.get(), false));
  for (const handoff::v1::Descriptor& descriptor : handoff_.descriptors()) {
    RETURN_IF_ERROR(SetCloseOnExec(descriptor.number(), false));
  }
  environment_.Set(handoff::kVariable, absl::StrCat(memfd.get()));
  const std::vector<char*> argv = PointersTo(next_.argv);
  const std::vector<char*> envp = PointersTo(environment_.entries());
  return Annotate(sys::ExecveFd(next_.program.get(), argv.data(), envp.data()),
                  absl::StrCat("cannot run ", next_.stage));
}

}  // namespace sandbox::chain
