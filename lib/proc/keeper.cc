#include "lib/proc/keeper.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/epoll.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"
#include "lib/proc/children.h"
#include "lib/proc/signals.h"
#include "lib/sys/process.h"

namespace sandbox::proc {
namespace {

// Carries a signal's number down the line of keepers: real-time signals queue and never merge.
constexpr int kPassedOn = 63;

// For how long the second copy of a signal that was sent to a whole group may still be under way.
constexpr absl::Duration kTwinTime = absl::Seconds(1);

absl::Status PutNull(int number) {
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null.ok()) return ErrnoError(errno, "open", "/dev/null");
  if (dup2(null.get(), number) < 0) return ErrnoError(errno, "dup2", absl::StrCat(number));
  return absl::OkStatus();
}

void QueueSignal(pid_t pid, int signal, int value) {
  siginfo_t info = {};
  info.si_signo = signal;
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_int = value;
  syscall(SYS_rt_sigqueueinfo, pid, signal, &info);
}

bool IsStopped(pid_t pid) {
  const UniqueFd file(open(absl::StrCat("/proc/", pid, "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  char text[256] = {};
  int err = 0;
  if (!file.ok() || ReadAllSignalSafe(file.get(), text, sizeof text - 1, &err) <= 0) return false;
  const absl::string_view all(text);
  const size_t end = all.rfind(") ");
  return end != absl::string_view::npos && absl::StartsWith(all.substr(end + 2), "T");
}

}  // namespace

absl::Status BecomeRelay() {
  RETURN_IF_ERROR(sys::SetNoNewPrivs());
  RETURN_IF_ERROR(sys::KeepCapabilities(0));
  RETURN_IF_ERROR(sys::SetDumpable(false));
  RETURN_IF_ERROR(PutNull(0));
  return PutNull(1);
}

absl::Status BecomeKeeper(uint64_t keep, bool keep_stdout) {
  RETURN_IF_ERROR(sys::SetNoNewPrivs());
  RETURN_IF_ERROR(sys::KeepCapabilities(keep));
  RETURN_IF_ERROR(sys::SetDumpable(false));
  RETURN_IF_ERROR(sys::SetChildSubreaper());
  RETURN_IF_ERROR(PutNull(0));
  return keep_stdout ? absl::OkStatus() : PutNull(1);
}

absl::StatusOr<std::unique_ptr<Keeper>> Keeper::Create(EventLoop* loop, Options options) {
  ASSIGN_OR_RETURN(UniqueFd signals, MakeSignalFd());
  std::unique_ptr<Keeper> keeper(new Keeper(loop, std::move(options), std::move(signals)));
  Keeper* self = keeper.get();
  RETURN_IF_ERROR(
      loop->Watch(keeper->signals_.get(), EPOLLIN, [self](uint32_t) { self->OnSignals(); }));
  if (keeper->options_.watch_outer && keeper->options_.outer != 0) {
    // No pid namespace ends this tree: do it by hand, and so outlive the keeper above.
    ASSIGN_OR_RETURN(keeper->outer_pidfd_, sys::PidfdOpen(keeper->options_.outer));
    RETURN_IF_ERROR(sys::SetParentDeathSignal(0));
    if (getppid() != keeper->options_.outer) {
      return absl::FailedPreconditionError("the keeper above has ended");
    }
    RETURN_IF_ERROR(loop->Watch(keeper->outer_pidfd_.get(), EPOLLIN, [self](uint32_t) {
      KillAllChildren();
      self->ended_ = WaitStatus(SIGKILL);
    }));
  }
  return keeper;
}

Keeper::~Keeper() {
  loop_->Unwatch(signals_.get());
  if (outer_pidfd_.ok()) loop_->Unwatch(outer_pidfd_.get());
}

absl::StatusOr<WaitStatus> Keeper::Run() {
  Reap();  // it may have ended before the first look
  while (!ended_.has_value()) {
    if (const absl::Status status = loop_->RunOnce(-1); !status.ok()) {
      KillAllChildren();
      return status;
    }
  }
  if (options_.kill_left) KillAllChildren();
  return *ended_;
}

void Keeper::OnSignals() {
  signalfd_siginfo info = {};
  while (read(signals_.get(), &info, sizeof info) == sizeof info) OnSignal(info);
}

bool Keeper::IsFromOuter(const signalfd_siginfo& info) const {
  return options_.outer != 0 && info.ssi_code <= 0 &&
         info.ssi_pid == static_cast<uint32_t>(options_.outer);
}

void Keeper::OnSignal(const signalfd_siginfo& info) {
  const int signal = static_cast<int>(info.ssi_signo);
  if (signal == SIGCHLD) return Reap();
  if (signal == SIGCONT) return OnContinue(info);
  if (signal == kPassedOn && IsFromOuter(info)) {
    if (info.ssi_int > 0 && info.ssi_int < 65 && !IsTwin(info.ssi_int)) PassOn(info.ssi_int);
    return;
  }
  if (!options_.last) {
    // The terminal's own reach the command without us, and so does what the group gets: only what
    // was sent to the outermost keeper goes down.
    if (options_.outer == 0 && info.ssi_code <= 0) PassOn(signal);
    return;
  }
  direct_[signal] = absl::Now();
  const bool reached =
      options_.reached_group ? options_.reached_group(signal) : options_.outer != 0;
  if (!reached) PassOn(signal);
}

void Keeper::OnContinue(const signalfd_siginfo& info) {
  if (options_.last) {
    const bool reached = !IsFromOuter(info) && options_.reached_group &&
                         options_.reached_group(SIGCONT);
    direct_[SIGCONT] = absl::Now();
    if (!reached) PassOn(SIGCONT);
    return;
  }
  if (info.ssi_code > 0 || (options_.outer != 0 && !IsFromOuter(info))) return;
  if (IsStopped(options_.child)) {
    kill(options_.child, SIGCONT);  // a queued signal would not wake it
  } else {
    PassOn(SIGCONT);
  }
}

bool Keeper::IsTwin(int signal) {
  if (!options_.last) return false;
  const bool twin = absl::Now() - direct_[signal] < kTwinTime;
  direct_[signal] = absl::Time();
  return twin;
}

void Keeper::PassOn(int signal) {
  if (ended_.has_value()) return;  // its number may be somebody else's by now
  if (options_.last) {
    kill(options_.child, signal);
  } else {
    QueueSignal(options_.child, kPassedOn, signal);
  }
}

void Keeper::Reap() {
  int raw = 0;
  pid_t pid = 0;
  while ((pid = waitpid(-1, &raw, WNOHANG | WUNTRACED | __WALL)) > 0) {
    const WaitStatus status(raw);
    // Whoever made us its tracer (PTRACE_TRACEME) is let go with its signal: a stop of that kind is no
    // stop of the job. Fails, as it should, for everybody else.
    if (status.stopped() && ptrace(PTRACE_DETACH, pid, nullptr, status.stop_signal()) == 0) continue;
    if (pid != options_.child) {
      if (!status.stopped() && options_.other_ended) options_.other_ended(pid, status);
    } else if (status.stopped()) {
      if (options_.stops_along) StopAs(status.stop_signal());
    } else {
      ended_ = status;
    }
  }
}

}  // namespace sandbox::proc
