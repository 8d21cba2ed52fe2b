#include "lib/realise/init.h"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <linux/mount.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"
#include "lib/sys/mount.h"
#include "lib/sys/process.h"

namespace sandbox::realise {
namespace {

constexpr uint64_t kNoSuidDevExec = 2 | 4 | 8;  // mount(2): MS_NOSUID, MS_NODEV, MS_NOEXEC
constexpr int kAnswerMs = 1000;

// Of /proc: what the machine's root may write by its number alone, without any capability.
constexpr const char* kWritableByNumber[] = {
    "/sys", "/sysrq-trigger", "/irq",  "/bus",           "/fs",     "/acpi",
    "/scsi", "/mtrr",         "/tty", "/dynamic_debug", "/driver", "/latency_stats"};

absl::Status MakeReadOnly(const std::string& path) {
  ASSIGN_OR_RETURN(const UniqueFd tree, sys::CloneTree(path));
  RETURN_IF_ERROR(sys::SetTreeAttributes(tree.get(), MOUNT_ATTR_RDONLY));
  return sys::AttachTree(tree.get(), path);
}

absl::Status SetUpInit(const InitPlan& plan) {
  RETURN_IF_ERROR(sys::SetParentDeathSignal(SIGKILL));
  // getppid() is 0 across the pid namespace, so the keeper's pidfd tells whether it is there.
  pollfd keeper = {.fd = plan.keeper_pidfd, .events = POLLIN, .revents = 0};
  if (poll(&keeper, 1, 0) != 0) return absl::FailedPreconditionError("the keeper has ended");
  RETURN_IF_ERROR(sys::Mount("proc", plan.proc, "proc", kNoSuidDevExec));
  if (plan.read_only_sysctl) {
    for (const char* name : kWritableByNumber) {
      const std::string path = plan.proc + name;
      if (access(path.c_str(), F_OK) == 0) RETURN_IF_ERROR(MakeReadOnly(path));
    }
  }
  RETURN_IF_ERROR(sys::SetNoNewPrivs());
  RETURN_IF_ERROR(sys::KeepCapabilities(0));
  return sys::SetDumpable(false);
}

// Keeps the two descriptors, as 0 and 1, and nothing else.
void KeepOnly(int first, int second) {
  // By way of high numbers: either may be 0 or 1 now.
  const UniqueFd a(fcntl(first, F_DUPFD_CLOEXEC, 10));
  const UniqueFd b(fcntl(second, F_DUPFD_CLOEXEC, 10));
  dup2(a.get(), 0);
  dup2(b.get(), 1);
  close_range(2, ~0u, 0);
}

void Answer(int questions) {
  unsigned char signal = 0;
  if (recv(questions, &signal, 1, 0) != 1 || signal == 0 || signal > 64) return;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  const timespec now = {};
  const char reply = sigtimedwait(&set, nullptr, &now) == signal ? 1 : 0;
  send(questions, &reply, 1, MSG_NOSIGNAL);
}

}  // namespace

void RunInit(const InitPlan& plan, SetUp* page) {
  if (const absl::Status status = SetUpInit(plan); !status.ok()) {
    page->Fail(status);
    _exit(125);
  }
  prctl(PR_SET_NAME, "sandbox-init");
  KeepOnly(plan.keeper_pidfd, plan.questions);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  const UniqueFd ended(signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
  page->init_ready.Set(1);
  while (true) {
    pollfd wait[] = {{.fd = 0, .events = POLLIN, .revents = 0},
                     {.fd = 1, .events = POLLIN, .revents = 0},
                     {.fd = ended.get(), .events = POLLIN, .revents = 0}};
    poll(wait, 3, -1);
    if (wait[0].revents != 0) _exit(0);  // the kernel ends all others with us
    if ((wait[1].revents & POLLIN) != 0) Answer(1);
    signalfd_siginfo info;
    while (read(ended.get(), &info, sizeof info) > 0) continue;
    while (waitpid(-1, nullptr, WNOHANG | __WALL) > 0) continue;
  }
}

bool AskInit(int socket, int signal) {
  const auto question = static_cast<unsigned char>(signal);
  if (send(socket, &question, 1, MSG_NOSIGNAL) != 1) return false;
  pollfd answer = {.fd = socket, .events = POLLIN, .revents = 0};
  if (poll(&answer, 1, kAnswerMs) != 1) return false;
  char reached = 0;
  return recv(socket, &reached, 1, 0) == 1 && reached == 1;
}

}  // namespace sandbox::realise
