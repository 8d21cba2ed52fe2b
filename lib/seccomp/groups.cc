#include "lib/seccomp/groups.h"

#include "absl/strings/str_split.h"

namespace sandbox::seccomp {
namespace {

constexpr Group kGroups[] = {
    {"@file-read",
     "access faccessat faccessat2 fadvise64 fstat fstatfs getxattr fgetxattr lgetxattr listxattr "
     "flistxattr llistxattr getdents getdents64 lseek lstat name_to_handle_at newfstatat pread64 "
     "preadv preadv2 readahead readlink readlinkat readv stat statfs statx cachestat statmount "
     "listmount"},
    {"@file-open", "open openat openat2"},
    {"@file-permissions", "chmod chown lchown fchmod fchmodat fchmodat2 fchown fchownat"},
    {"@file-write",
     "copy_file_range fallocate fdatasync fsync sync_file_range write writev pwrite64 pwritev "
     "pwritev2"},
    {"@file-create",
     "creat ftruncate truncate rename renameat renameat2 link linkat mkdir mkdirat mknod mknodat "
     "rmdir symlink symlinkat umask unlink unlinkat utime utimensat utimes futimesat chdir"},
    {"@fd-basic", "close close_range read readv write writev"},
    {"@fd",
     "dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait "
     "eventfd eventfd2 fcntl poll ppoll pselect6 select signalfd signalfd4 pipe pipe2"},
    {"@network-client",
     "bind connect getpeername getsockname getsockopt recvfrom recvmmsg recvmsg sendmmsg sendmsg "
     "sendto setsockopt shutdown socket"},
    {"@network-server",
     "accept accept4 bind getpeername getsockname getsockopt listen recvfrom recvmsg sendto "
     "sendmsg setsockopt shutdown socket"},
    // The families unix and netlink.
    {"@local-sockets",
     "socket(int0==1) socket(int0==16) socketpair(int0==1) socketpair(int0==16) connect shutdown"},
    // Not io_uring, which undoes every other group.
    {"@process",
     "arch_prctl alarm clone clone3 fork vfork execve execveat exit exit_group getpid getppid "
     "getpgid getpgrp gettid getsid getcwd fchdir kill nanosleep pause prctl sched_getaffinity "
     "sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam "
     "sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min "
     "sched_rr_get_interval sched_yield setpgid setsid tgkill tkill wait4 waitid pidfd_open "
     "pidfd_send_signal set_tid_address"},
    {"@memory",
     "brk madvise map_shadow_stack memfd_create memfd_secret mincore mlock mlock2 mlockall mmap "
     "mprotect mremap msync munlock munlockall munmap remap_file_pages pkey_alloc pkey_free "
     "pkey_mprotect"},
    {"@signals",
     "rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend "
     "rt_sigtimedwait rt_tgsigqueueinfo sigaltstack"},
    {"@time-basic",
     "clock_gettime clock_getres gettimeofday time times nanosleep clock_nanosleep"},
    {"@timers",
     "@time-basic adjtimex alarm clock_adjtime getitimer setitimer timer_create timer_delete "
     "timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime "
     "timerfd_settime"},
    {"@security",
     "capset setxattr fsetxattr lsetxattr lremovexattr removexattr fremovexattr setuid setgid "
     "setresuid setresgid setreuid setregid setfsuid setfsgid setgroups seccomp"},
    {"@system-info",
     "uname sysinfo getrlimit getrusage setrlimit getuid geteuid getgid getegid getresuid "
     "getresgid getgroups capget"},
    {"@ipc",
     "semget semop semctl semtimedop shmget shmat shmctl shmdt msgget msgsnd msgrcv msgctl "
     "socketpair mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr"},
    {"@sync",
     "futex futex_wait futex_wake futex_waitv futex_requeue set_robust_list get_robust_list flock"},
    {"@misc", "rseq membarrier restart_syscall getrandom ioctl prlimit64"},
    {kBaseline, "@process @memory @sync @signals @time-basic @misc @system-info"},
};

}  // namespace

absl::Span<const Group> Groups() { return kGroups; }

std::vector<std::string> GroupMembers(absl::string_view name) {
  std::vector<std::string> members;
  for (const Group& group : kGroups) {
    if (name != group.name) continue;
    for (const absl::string_view member : absl::StrSplit(group.members, ' ')) {
      if (member[0] != '@') {
        members.emplace_back(member);
        continue;
      }
      for (std::string& inner : GroupMembers(member)) members.push_back(std::move(inner));
    }
  }
  return members;
}

}  // namespace sandbox::seccomp
