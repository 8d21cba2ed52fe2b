#include "lib/testing/launch.h"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::testing {
namespace {

// Above all numbers that a spec names.
constexpr int kHighFd = 500;

// Everything that the child needs, made before the fork.
struct Plan {
  std::string path;
  std::vector<char*> argv;
  std::vector<char*> envp;
  std::vector<std::pair<int, int>> descriptors;
};

std::string FindProgram(const std::string& name) {
  if (absl::StrContains(name, '/')) return name;
  const char* path = getenv("PATH");
  if (path == nullptr) path = "/usr/bin:/bin";
  for (const absl::string_view folder : absl::StrSplit(path, ':')) {
    std::string candidate = absl::StrCat(folder, "/", name);
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return name;
}

absl::string_view VariableName(absl::string_view variable) {
  return variable.substr(0, variable.find('='));
}

std::vector<std::string> Environment(const CommandSpec& spec) {
  std::vector<std::string> variables;
  if (spec.env.has_value()) {
    variables = *spec.env;
  } else {
    for (char** entry = environ; *entry != nullptr; ++entry) variables.emplace_back(*entry);
  }
  for (const std::string& added : spec.extra_env) {
    std::erase_if(variables, [&](const std::string& variable) {
      return VariableName(variable) == VariableName(added);
    });
    variables.push_back(added);
  }
  return variables;
}

// A failure, as the child writes it to its parent.
struct Failure {
  int err;
  char call[16];
};

[[noreturn]] void Fail(int report, int err, const char* call) {
  Failure failure = {.err = err, .call = {}};
  for (size_t i = 0; i + 1 < sizeof(failure.call) && call[i] != '\0'; ++i) {
    failure.call[i] = call[i];
  }
  WriteAllSignalSafe(report, &failure, sizeof(failure));
  _exit(61);
}

void SetSignals(const CommandSpec& spec) {
  // The C library hides two numbers, which a Java parent leaves ignored: the kernel's own call, with
  // a struct sigaction of zeros, which is the default.
  const unsigned long zeros[4] = {};
  for (int number = 1; number <= 64; ++number) {
    syscall(SYS_rt_sigaction, number, zeros, nullptr, sizeof(uint64_t));
  }
  for (const int number : spec.ignored_signals) signal(number, SIG_IGN);
  sigset_t blocked;
  sigemptyset(&blocked);
  for (const int number : spec.blocked_signals) sigaddset(&blocked, number);
  sigprocmask(SIG_SETMASK, &blocked, nullptr);
}

void SetDescriptors(const CommandSpec& spec, const Plan& plan, int report) {
  if (close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) != 0) Fail(report, errno, "close_range");
  for (const auto& [from, to] : plan.descriptors) {
    if (dup2(from, to) < 0) Fail(report, errno, "dup2");
  }
  for (const int fd : spec.pass_fds) {
    if (fcntl(fd, F_SETFD, 0) != 0) Fail(report, errno, "fcntl");
  }
  for (const int fd : spec.closed) close(fd);
}

[[noreturn]] void Child(const CommandSpec& spec, const Plan& plan, int report) {
  if (spec.new_session) {
    if (setsid() < 0) Fail(report, errno, "setsid");
  } else if (spec.own_group && setpgid(0, 0) != 0) {
    Fail(report, errno, "setpgid");
  }
  SetDescriptors(spec, plan, report);
  if (spec.user.has_value()) {
    const uid_t id = *spec.user;
    if (setgroups(0, nullptr) != 0) Fail(report, errno, "setgroups");
    if (setresgid(id, id, id) != 0) Fail(report, errno, "setresgid");
    if (setresuid(id, id, id) != 0) Fail(report, errno, "setresuid");
  }
  if (!spec.cwd.empty() && chdir(spec.cwd.c_str()) != 0) Fail(report, errno, "chdir");
  SetSignals(spec);
  execve(plan.path.c_str(), plan.argv.data(), plan.envp.data());
  Fail(report, errno, "execve");
}

absl::StatusOr<UniqueFd> MoveUp(int fd) {
  UniqueFd high(fcntl(fd, F_DUPFD_CLOEXEC, kHighFd));
  if (!high.ok()) return ErrnoError(errno, "fcntl(F_DUPFD_CLOEXEC)");
  return high;
}

}  // namespace

absl::StatusOr<pid_t> Launch(const CommandSpec& spec,
                             const std::vector<std::pair<int, int>>& descriptors) {
  if (spec.argv.empty()) return absl::InvalidArgumentError("no argv");
  Plan plan;
  plan.path = FindProgram(spec.argv[0]);
  std::vector<std::string> words = spec.argv;
  std::vector<std::string> variables = Environment(spec);
  for (std::string& word : words) plan.argv.push_back(word.data());
  for (std::string& variable : variables) plan.envp.push_back(variable.data());
  plan.argv.push_back(nullptr);
  plan.envp.push_back(nullptr);

  std::vector<UniqueFd> held;
  for (const auto& [from, to] : descriptors) {
    ASSIGN_OR_RETURN(UniqueFd high, MoveUp(from));
    plan.descriptors.emplace_back(high.get(), to);
    held.push_back(std::move(high));
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoError(errno, "pipe2");
  const UniqueFd reading(ends[0]);
  UniqueFd low(ends[1]);
  ASSIGN_OR_RETURN(UniqueFd report, MoveUp(low.get()));
  low.reset();

  const pid_t pid = fork();
  if (pid < 0) return ErrnoError(errno, "fork");
  if (pid == 0) Child(spec, plan, report.get());
  report.reset();
  Failure failure = {};
  int err = 0;
  if (ReadAllSignalSafe(reading.get(), &failure, sizeof(failure), &err) == 0) return pid;
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return ErrnoError(failure.err, failure.call, spec.argv[0]);
}

}  // namespace sandbox::testing
