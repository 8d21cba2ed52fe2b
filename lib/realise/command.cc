#include "lib/realise/command.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/proc/signals.h"
#include "lib/realise/limits.h"
#include "lib/realise/rules.h"
#include "lib/realise/start.h"
#include "lib/seccomp/compile.h"
#include "lib/seccomp/install.h"
#include "lib/seccomp/prebuilt.h"
#include "lib/sys/process.h"

namespace sandbox::realise {
namespace {

// To one byte, where the caller's own limit is not lower: less than any core file has, and the one
// limit that a core_pattern with a program heeds (core(5)). With 0 that program, which is the
// host's, gets the memory.
absl::Status DenyCoreDumps() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_CORE, &limit) != 0) return ErrnoError(errno, "getrlimit", "CORE");
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, 1);
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_CORE, &limit) != 0) return ErrnoError(errno, "setrlimit", "CORE");
  return absl::OkStatus();
}

// Where the caller may: a bounding set cannot be emptied without CAP_SETPCAP.
absl::Status EmptyBoundingSet() {
  ASSIGN_OR_RETURN(const uint64_t permitted, sys::PermittedCapabilities());
  if ((permitted & uint64_t{1} << CAP_SETPCAP) == 0) return absl::OkStatus();
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) {
      return ErrnoError(errno, "prctl", absl::StrCat("PR_CAPBSET_DROP ", capability));
    }
  }
  return absl::OkStatus();
}

absl::Status InstallFilters(const Plan& plan) {
  if (const seccomp::Policy narrowed = NarrowedSockets(plan); !narrowed.rules.empty()) {
    ASSIGN_OR_RETURN(const std::vector<sock_filter> program, seccomp::Compile(narrowed));
    RETURN_IF_ERROR(seccomp::InstallFilter(program));
  }
  switch (plan.filter) {
    case Filter::kNone:
      return absl::OkStatus();
    case Filter::kNetwork:
      return seccomp::InstallFilter(seccomp::PrebuiltFilter(seccomp::Variant::kNetworkFloor));
    case Filter::kUnixOnly:
    case Filter::kInet:
      break;
  }
  if (!plan.default_filter.empty()) return seccomp::InstallFilter(plan.default_filter);
  return seccomp::InstallFilter(seccomp::PrebuiltFilter(DefaultVariant(plan)));
}

}  // namespace

absl::StatusOr<UniqueFd> Confine(const Plan& plan, Engaged* engaged) {
  RETURN_IF_ERROR(PrepareStart(plan.start));
  if (plan.no_core_dumps) RETURN_IF_ERROR(DenyCoreDumps());
  RETURN_IF_ERROR(sys::SetNoNewPrivs());
  if (plan.landlock) RETURN_IF_ERROR(EnforceLandlock(plan, engaged));
  RETURN_IF_ERROR(EmptyBoundingSet());
  RETURN_IF_ERROR(sys::KeepCapabilities(0));
  // The listener first: the other filters refuse a further one.
  UniqueFd listener;
  if (const seccomp::Policy trapped = TrappedCalls(plan); !trapped.rules.empty()) {
    ASSIGN_OR_RETURN(const std::vector<sock_filter> program, seccomp::Compile(trapped));
    ASSIGN_OR_RETURN(listener, seccomp::InstallListener(program));
  }
  RETURN_IF_ERROR(InstallFilters(plan));
  engaged->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
  engaged->seccomp_mode = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
  ASSIGN_OR_RETURN(engaged->capabilities, sys::PermittedCapabilities());
  if (engaged->no_new_privs != 1 || engaged->capabilities != 0) {
    return absl::InternalError("rights are left that were given up");
  }
  RETURN_IF_ERROR(SetLimits(plan));
  return listener;
}

absl::StatusOr<int> ExecCommand(const Plan& plan) {
  for (int number = 0; number <= 2; ++number) {
    if ((plan.closed_stdio & 1u << number) != 0) close(number);
  }
  RETURN_IF_ERROR(KeepDescriptors(plan.start));
  std::vector<char*> argv;
  std::vector<char*> environment;
  for (const std::string& word : plan.argv) argv.push_back(const_cast<char*>(word.c_str()));
  for (const std::string& entry : plan.environment) {
    environment.push_back(const_cast<char*>(entry.c_str()));
  }
  argv.push_back(nullptr);
  environment.push_back(nullptr);
  proc::RestoreSignals(plan.signals);
  environ = environment.data();  // execvp looks PATH up in it
  if (!plan.user_filter.empty()) RETURN_IF_ERROR(seccomp::InstallFilter(plan.user_filter));
  execvp(argv[0], argv.data());
  return errno;
}

int ExitCodeForExec(int err) { return err == ENOENT || err == ENOTDIR ? 127 : 126; }

}  // namespace sandbox::realise
