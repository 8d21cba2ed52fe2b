#include "lib/testing/command.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/status.h"
#include "lib/sys/process.h"
#include "lib/testing/launch.h"
#include "lib/testing/process_tree.h"

namespace sandbox::testing {
namespace {

absl::StatusOr<std::pair<UniqueFd, UniqueFd>> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoError(errno, "pipe2");
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

// Writes without dying of a reader that is gone: EPIPE then.
absl::Status WritePipe(int fd, absl::string_view text) {
  sigset_t pipe_signal;
  sigset_t before;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  absl::Status status;
  while (!text.empty() && status.ok()) {
    const ssize_t size = write(fd, text.data(), text.size());
    if (size >= 0) {
      text.remove_prefix(static_cast<size_t>(size));
    } else if (errno != EINTR) {
      status = ErrnoError(errno, "write");
    }
  }
  if (GetErrno(status) == EPIPE) {
    const timespec now = {};
    sigtimedwait(&pipe_signal, nullptr, &now);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return status;
}

}  // namespace

bool Result::Exited(int code) const {
  return error.ok() && !timed_out && status.exited() && status.exit_code() == code;
}

bool Result::Died(int signal) const {
  return error.ok() && !timed_out && status.signaled() && status.term_signal() == signal;
}

int Result::ShellStatus() const {
  return status.exited() ? status.exit_code() : 128 + status.term_signal();
}

std::string Result::Describe() const {
  if (!error.ok()) return absl::StrCat("not started: ", error.ToString());
  std::string text = absl::StrCat(timed_out ? "timed out, " : "",
                                  status.exited() ? "exit " : "signal ",
                                  status.exited() ? status.exit_code() : status.term_signal(),
                                  "\nstdout: ", out, "\nstderr: ", err);
  for (const auto& [fd, data] : captured) absl::StrAppend(&text, "\nfd ", fd, ": ", data);
  return text;
}

absl::StatusOr<Background> Background::Start(const CommandSpec& spec) {
  Background started;
  started.deadline_ = spec.deadline;
  std::vector<std::pair<int, int>> descriptors;
  std::vector<UniqueFd> childs;
  ASSIGN_OR_RETURN(auto input, MakePipe());
  descriptors.emplace_back(input.first.get(), 0);
  childs.push_back(std::move(input.first));
  started.input_ = std::move(input.second);
  // Room for all of it, so that nobody has to write while the child runs.
  const int room = static_cast<int>(std::max<size_t>(spec.stdin_text.size(), 4096));
  if (fcntl(started.input_.get(), F_SETPIPE_SZ, room) < 0) {
    return ErrnoError(errno, "fcntl(F_SETPIPE_SZ)");
  }
  RETURN_IF_ERROR(WritePipe(started.input_.get(), spec.stdin_text));
  if (!spec.keep_stdin_open) started.input_.reset();

  std::vector<int> outputs = {1, 2};
  outputs.insert(outputs.end(), spec.capture_fds.begin(), spec.capture_fds.end());
  for (const int fd : outputs) {
    ASSIGN_OR_RETURN(auto output, MakePipe());
    descriptors.emplace_back(output.second.get(), fd);
    childs.push_back(std::move(output.second));
    started.pipes_[fd].fd = std::move(output.first);
  }
  ASSIGN_OR_RETURN(started.pid_, Launch(spec, descriptors));
  // From here on the destructor ends what was started.
  ASSIGN_OR_RETURN(started.pidfd_, sys::PidfdOpen(started.pid_));
  return started;
}

Background::Background(Background&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      input_(std::move(other.input_)),
      pipes_(std::move(other.pipes_)),
      deadline_(other.deadline_) {}

Background::~Background() {
  if (pid_ < 0) return;
  KillTrees({pid_});
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

absl::Status Background::Signal(int signal) const {
  return sys::PidfdSendSignal(pidfd_.get(), signal);
}

absl::Status Background::Write(absl::string_view text) { return WritePipe(input_.get(), text); }

void Background::Collect(absl::Duration wait) {
  std::vector<pollfd> polled = {{.fd = pidfd_.get(), .events = POLLIN, .revents = 0}};
  std::vector<Pipe*> pipes = {nullptr};
  for (auto& [number, pipe] : pipes_) {
    if (!pipe.fd.ok()) continue;
    polled.push_back({.fd = pipe.fd.get(), .events = POLLIN, .revents = 0});
    pipes.push_back(&pipe);
  }
  const int64_t milliseconds = std::clamp<int64_t>(absl::ToInt64Milliseconds(wait), 0, 1 << 30);
  if (poll(polled.data(), polled.size(), static_cast<int>(milliseconds)) <= 0) return;
  for (size_t i = 1; i < polled.size(); ++i) {
    if (polled[i].revents == 0) continue;
    char buffer[1 << 16];
    const ssize_t size = read(polled[i].fd, buffer, sizeof(buffer));
    if (size > 0) {
      pipes[i]->text.append(buffer, static_cast<size_t>(size));
    } else if (size == 0 || errno != EINTR) {
      pipes[i]->fd.reset();
    }
  }
}

// The child has ended: what it wrote is in the pipes already.
void Background::Drain() {
  for (auto& [number, pipe] : pipes_) {
    if (!pipe.fd.ok()) continue;
    fcntl(pipe.fd.get(), F_SETFL, O_NONBLOCK);
    char buffer[1 << 16];
    for (;;) {
      const ssize_t size = read(pipe.fd.get(), buffer, sizeof(buffer));
      if (size > 0) pipe.text.append(buffer, static_cast<size_t>(size));
      if (size == 0 || (size < 0 && errno != EINTR)) break;
    }
  }
}

absl::Status Background::WaitForText(int fd, absl::string_view text) {
  const auto found = pipes_.find(fd);
  if (found == pipes_.end()) return absl::InvalidArgumentError("not a captured descriptor");
  const absl::Time end = absl::Now() + deadline_;
  while (!absl::StrContains(found->second.text, text)) {
    if (!found->second.fd.ok()) {
      return absl::OutOfRangeError(absl::StrCat("ended after: ", found->second.text));
    }
    pollfd polled = {.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
    if (poll(&polled, 1, 0) > 0) {
      Drain();
      if (absl::StrContains(found->second.text, text)) break;
      return absl::OutOfRangeError(absl::StrCat("child ended after: ", found->second.text));
    }
    const absl::Duration left = end - absl::Now();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError(absl::StrCat("so far: ", found->second.text));
    }
    Collect(left);
  }
  return absl::OkStatus();
}

absl::StatusOr<proc::WaitStatus> Background::WaitForStop() {
  const absl::Time end = absl::Now() + deadline_;
  while (absl::Now() < end) {
    siginfo_t info = {};
    constexpr int kWanted = WSTOPPED | WEXITED | WNOWAIT | WNOHANG;
    if (waitid(P_PID, static_cast<id_t>(pid_), &info, kWanted) != 0) {
      return ErrnoError(errno, "waitid");
    }
    if (info.si_pid == pid_) {
      if (info.si_code == CLD_STOPPED) {
        int raw = 0;
        if (waitpid(pid_, &raw, WUNTRACED) != pid_) return ErrnoError(errno, "waitpid");
        return proc::WaitStatus(raw);
      }
      // Left to Wait().
      return info.si_code == CLD_EXITED ? proc::WaitStatus::Exited(info.si_status)
                                        : proc::WaitStatus(info.si_status);
    }
    Collect(absl::Milliseconds(5));
  }
  return absl::DeadlineExceededError("neither stopped nor ended");
}

Result Background::Wait() {
  Result result;
  if (pid_ < 0) {
    result.error = absl::FailedPreconditionError("waited for already");
    return result;
  }
  const absl::Time end = absl::Now() + deadline_;
  int raw = 0;
  for (;;) {
    const pid_t reaped = waitpid(pid_, &raw, WNOHANG);
    if (reaped == pid_) break;
    if (reaped < 0 && errno != EINTR) {
      result.error = ErrnoError(errno, "waitpid");
      break;
    }
    const absl::Duration left = end - absl::Now();
    if (left > absl::ZeroDuration()) {
      Collect(left);
      continue;
    }
    result.timed_out = true;
    KillTrees({pid_});
    while (waitpid(pid_, &raw, 0) < 0 && errno == EINTR) {
    }
    break;
  }
  pid_ = -1;
  Drain();
  result.status = proc::WaitStatus(raw);
  for (auto& [fd, pipe] : pipes_) {
    if (fd == 1) {
      result.out = std::move(pipe.text);
    } else if (fd == 2) {
      result.err = std::move(pipe.text);
    } else {
      result.captured[fd] = std::move(pipe.text);
    }
  }
  return result;
}

Result RunCommand(const CommandSpec& spec) {
  absl::StatusOr<Background> started = Background::Start(spec);
  if (started.ok()) return started->Wait();
  Result result;
  result.error = started.status();
  return result;
}

}  // namespace sandbox::testing
