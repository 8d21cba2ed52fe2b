#include "lib/proc/children.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"
#include "lib/sys/process.h"

namespace sandbox::proc {
namespace {

// The parent of `pid` by /proc/PID/stat; 0 when it is gone.
pid_t ParentOf(pid_t pid) {
  const UniqueFd file(open(absl::StrCat("/proc/", pid, "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return 0;
  char text[512] = {};
  int err = 0;
  const ptrdiff_t size = ReadAllSignalSafe(file.get(), text, sizeof text - 1, &err);
  if (size <= 0) return 0;
  // The name in parentheses may hold anything; fields are counted from its end.
  const absl::string_view all(text, static_cast<size_t>(size));
  const size_t end = all.rfind(')');
  if (end == absl::string_view::npos) return 0;
  const std::vector<absl::string_view> fields = absl::StrSplit(all.substr(end + 1), ' ');
  pid_t parent = 0;
  return fields.size() > 2 && absl::SimpleAtoi(fields[2], &parent) ? parent : 0;
}

std::vector<pid_t> Children() {
  std::vector<pid_t> children;
  DIR* dir = opendir("/proc");
  if (dir == nullptr) return children;
  const pid_t self = getpid();
  while (const dirent* entry = readdir(dir)) {
    pid_t pid = 0;
    if (absl::SimpleAtoi(entry->d_name, &pid) && ParentOf(pid) == self) children.push_back(pid);
  }
  closedir(dir);
  return children;
}

}  // namespace

absl::Status DieWithParent(pid_t pid) {
  RETURN_IF_ERROR(sys::SetParentDeathSignal(SIGKILL));
  if (getppid() != pid) return absl::FailedPreconditionError("the parent has ended");
  return absl::OkStatus();
}

void KillAllChildren() {
  while (true) {
    const pid_t reaped = waitpid(-1, nullptr, WNOHANG | __WALL);
    if (reaped > 0) continue;
    if (reaped < 0 && errno == ECHILD) return;
    // A child is only killed by number while it is ours and unreaped: the number cannot be reused.
    for (const pid_t child : Children()) kill(child, SIGKILL);
    const timespec pause = {.tv_sec = 0, .tv_nsec = 1'000'000};
    nanosleep(&pause, nullptr);
  }
}

}  // namespace sandbox::proc
