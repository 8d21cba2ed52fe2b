#include "lib/realise/start.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <string>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/sys/process.h"

namespace sandbox::realise {

absl::Status EnterWorkingDirectory(const Plan& plan) {
  // By path again: the old one may lie below a mount now.
  const std::string& wanted = plan.start.directory;
  if (!wanted.empty()) {
    return chdir(wanted.c_str()) == 0 ? absl::OkStatus() : ErrnoError(errno, "chdir", wanted);
  }
  if (!plan.strict || chdir(plan.cwd.c_str()) == 0) return absl::OkStatus();
  if (!plan.has_view) return ErrnoError(errno, "chdir", plan.cwd);
  if (!plan.view.home.empty() && chdir(plan.view.home.c_str()) == 0) return absl::OkStatus();
  return chdir("/") == 0 ? absl::OkStatus() : ErrnoError(errno, "chdir", "/");
}

absl::Status PrepareStart(const Start& start) {
  if (start.new_session && setsid() < 0) return ErrnoError(errno, "setsid");
  if (start.no_huge_pages && prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) != 0) {
    return ErrnoError(errno, "prctl", "PR_SET_THP_DISABLE");
  }
  if (start.no_aslr && personality(ADDR_NO_RANDOMIZE) < 0) {
    return ErrnoError(errno, "personality", "ADDR_NO_RANDOMIZE");
  }
  return absl::OkStatus();
}

absl::Status KeepDescriptors(const Start& start) {
  if (unshare(CLONE_FILES) != 0) return ErrnoError(errno, "unshare", "CLONE_FILES");
  unsigned next = 3;
  for (const int fd : start.descriptors) {  // sorted, without duplicates
    const auto kept = static_cast<unsigned>(fd);
    if (kept > next) RETURN_IF_ERROR(sys::CloseRange(next, kept - 1, 0));
    if (fcntl(fd, F_SETFD, 0) != 0) return ErrnoError(errno, "fcntl", absl::StrCat("F_SETFD ", fd));
    next = kept + 1;
  }
  return sys::CloseRange(next, ~0u, 0);
}

void CloseDescriptors(const Start& start) {
  for (const int fd : start.descriptors) close(fd);
}

}  // namespace sandbox::realise
