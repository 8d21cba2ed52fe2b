#include "lib/realise/deadline.h"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "lib/base/status.h"
#include "lib/sys/process.h"

namespace sandbox::realise {

absl::Status Deadline::Start(const Limits& limits, pid_t command, proc::EventLoop* loop) {
  if (!limits.timeout.has_value()) return absl::OkStatus();
  grace_ = limits.kill_after;
  ASSIGN_OR_RETURN(command_, sys::PidfdOpen(command));
  timer_.reset(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer_.ok()) return ErrnoError(errno, "timerfd_create");
  RETURN_IF_ERROR(Arm(*limits.timeout));
  return loop->Watch(timer_.get(), EPOLLIN, [this](uint32_t) { OnTimer(); });
}

absl::Status Deadline::Arm(absl::Duration time) {
  const itimerspec spec = {.it_interval = {}, .it_value = absl::ToTimespec(time)};
  return timerfd_settime(timer_.get(), 0, &spec, nullptr) == 0
             ? absl::OkStatus()
             : ErrnoError(errno, "timerfd_settime");
}

void Deadline::OnTimer() {
  uint64_t times = 0;
  if (read(timer_.get(), &times, sizeof times) != sizeof times) return;
  // A command that is gone needs no signal; by its pidfd nobody else gets one.
  if (!passed_) {
    passed_ = true;
    (void)sys::PidfdSendSignal(command_.get(), SIGTERM);
    (void)sys::PidfdSendSignal(command_.get(), SIGCONT);  // a stopped one would not see it
    if (Arm(grace_).ok()) return;
  }
  (void)sys::PidfdSendSignal(command_.get(), SIGKILL);
}

}  // namespace sandbox::realise
