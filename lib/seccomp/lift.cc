#include "lib/seccomp/lift.h"

#include <algorithm>
#include <iterator>
#include <sys/syscall.h>
#include <utility>

#include "lib/seccomp/default_policy.h"

namespace sandbox::seccomp {
namespace {

// Hold only what the command itself could do otherwise, or what the kernel still asks capabilities
// or the owner for. Everything that is not here stays.
constexpr uint32_t kMayBeLifted[] = {
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_add_key, SYS_request_key, SYS_keyctl,
    SYS_kexec_load, SYS_kexec_file_load, SYS_init_module, SYS_finit_module, SYS_delete_module,
    SYS_create_module, SYS_get_kernel_syms, SYS_query_module, SYS_reboot, SYS_swapon, SYS_swapoff,
    SYS_acct, SYS_syslog, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex,
    SYS_sethostname, SYS_setdomainname, SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_vhangup,
    SYS_nfsservctl, SYS_lookup_dcookie, SYS_uselib, SYS_ustat, SYS_sysfs, SYS__sysctl,
    SYS_move_pages, SYS_migrate_pages, SYS_fanotify_init, SYS_quotactl, SYS_quotactl_fd,
    SYS_personality, SYS_fcntl,
};

bool IsJudged(Variant variant, uint32_t number) {
  const Policy policy = DefaultPolicy(variant);
  return std::any_of(policy.rules.begin(), policy.rules.end(),
                     [number](const Rule& rule) { return rule.number == number; });
}

const char* ReasonOf(uint32_t number) {
  switch (number) {
    case SYS_clone:
    case SYS_clone3:
    case SYS_unshare:
    case SYS_setns:
      return "namespaces stay closed; what makes none is allowed already";
    case SYS_io_uring_setup:
    case SYS_io_uring_enter:
    case SYS_io_uring_register:
      return "io_uring acts beside every filter";
    case SYS_seccomp:
      return "a second listener would judge the sandbox's own calls; other filters are allowed";
    case SYS_socket:
    case SYS_socketpair:
    case SYS_connect:
      return "the network rules need it; see --unix, --share-net and sandbox-netbridge";
    case SYS_ioctl:
    case SYS_renameat2:
    case uapi::kNrFileSetattr:
      return "what is refused of it reaches files or terminals beyond the grants";
    case SYS_setpriority:
    case SYS_ioprio_set:
    case SYS_prlimit64:
    case SYS_sched_setaffinity:
    case SYS_sched_setscheduler:
    case SYS_sched_setparam:
    case SYS_sched_setattr:
      return "what is refused of it reaches processes outside";
    case SYS_shmget:
    case SYS_shmat:
    case SYS_shmctl:
    case SYS_shmdt:
    case SYS_semget:
    case SYS_semop:
    case SYS_semctl:
    case SYS_semtimedop:
    case SYS_msgget:
    case SYS_msgsnd:
    case SYS_msgrcv:
    case SYS_msgctl:
    case SYS_mq_open:
    case SYS_mq_unlink:
      return "without namespaces it reaches the host's queues; use --mode=strict";
    default:
      return "mounts and file handles lead out of the sandbox";
  }
}

}  // namespace

const char* WhyNotLifted(Variant variant, uint32_t number) {
  if (!IsJudged(variant, number)) return nullptr;
  const auto* end = std::end(kMayBeLifted);
  return std::find(std::begin(kMayBeLifted), end, number) != end ? nullptr : ReasonOf(number);
}

bool IsRefusedWhole(Variant variant, uint32_t number) {
  for (const Rule& rule : DefaultPolicy(variant).rules) {
    if (rule.number == number) return rule.IsUnconditional() && rule.action != kAllow;
  }
  return false;
}

Policy Lifted(Variant variant, std::vector<Rule> allowed) {
  Policy policy = DefaultPolicy(variant);
  allowed.insert(allowed.end(), policy.rules.begin(), policy.rules.end());
  policy.rules = std::move(allowed);
  return policy;
}

}  // namespace sandbox::seccomp
