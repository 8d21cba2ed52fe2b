#include "lib/seccomp/default_policy.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/seccomp/compile.h"
#include "lib/seccomp/names.h"
#include "lib/seccomp/prebuilt.h"

namespace sandbox::seccomp {
namespace {

constexpr uint64_t kHigh = uint64_t{1} << 32;

// A call as a filter sees it.
struct Call {
  uint32_t arch = uapi::kNativeAuditArch;
  uint32_t nr = 0;
  std::array<uint64_t, 6> args = {};
};

std::string Verdict(Variant variant, const Call& call) {
  seccomp_data data = {};
  data.nr = static_cast<int>(call.nr);
  data.arch = call.arch;
  for (size_t i = 0; i < call.args.size(); ++i) data.args[i] = call.args[i];
  const absl::StatusOr<Action> action = Evaluate(PrebuiltFilter(variant), data);
  if (!action.ok()) return action.status().ToString();
  if (*action == kAllow) return "allow";
  if (*action == kKillProcess) return "kill-process";
  if ((*action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO) {
    const char* name = strerrorname_np(static_cast<int>(*action & SECCOMP_RET_DATA));
    return absl::StrCat("errno(", name == nullptr ? "?" : name, ")");
  }
  return absl::StrCat("other(", absl::Hex(*action), ")");
}

struct Row {
  const char* name;
  std::array<uint64_t, 6> args;
  const char* expected;
};

void ExpectRows(Variant variant, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const std::optional<uint32_t> nr = SyscallNumber(row.name);
    ASSERT_TRUE(nr.has_value()) << row.name;
    EXPECT_EQ(Verdict(variant, {.nr = *nr, .args = row.args}), row.expected)
        << row.name << "(" << row.args[0] << ", " << row.args[1] << ", " << row.args[2] << ")";
  }
}

TEST(DefaultPolicy, RefusesDangerousCallsWhateverTheirArguments) {
  for (const char* name :
       {"mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen",
        "fsconfig", "fsmount", "fspick", "mount_setattr", "open_tree_attr", "setns", "bpf",
        "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
        "open_by_handle_at", "fanotify_init", "keyctl", "add_key", "request_key", "kexec_load",
        "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "swapon",
        "swapoff", "acct", "quotactl", "quotactl_fd", "syslog", "settimeofday", "clock_settime",
        "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "vhangup", "iopl", "ioperm",
        "modify_ldt", "move_pages", "migrate_pages", "nfsservctl", "lookup_dcookie", "uselib",
        "ustat", "sysfs"}) {
    ExpectRows(Variant::kUnixOnly, {{name, {}, "errno(EPERM)"},
                                    {name, {~0ULL, ~0ULL, ~0ULL, ~0ULL}, "errno(EPERM)"}});
  }
}

TEST(DefaultPolicy, FilesMemoryAndTimeAreDecidedOnTheNumberAlone) {
  for (const char* name :
       {"read", "write", "open", "openat", "openat2", "close", "stat", "fstat", "lstat",
        "newfstatat", "statx", "access", "faccessat", "faccessat2", "readlink", "readlinkat",
        "getdents64", "lseek", "pread64", "pwrite64", "readv", "writev", "rename", "renameat",
        "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "link", "linkat", "symlink",
        "symlinkat", "chmod", "fchmod", "fchmodat", "fchmodat2", "utimensat", "truncate",
        "ftruncate", "fsync", "dup", "dup2", "dup3", "pipe", "pipe2", "poll", "ppoll", "select",
        "epoll_wait", "epoll_ctl", "mmap", "munmap", "mprotect", "mremap", "madvise", "brk",
        "clock_gettime", "gettimeofday", "nanosleep", "clock_nanosleep", "futex", "getpid",
        "gettid", "execve", "execveat", "wait4", "exit_group", "rt_sigaction", "rt_sigprocmask",
        "sendto", "recvfrom", "sendmsg", "recvmsg", "getrandom", "memfd_create", "close_range",
        "prctl", "ptrace"}) {
    const std::optional<uint32_t> nr = SyscallNumber(name);
    ASSERT_TRUE(nr.has_value()) << name;
    for (const Variant variant : kVariants) {
      EXPECT_EQ(Verdict(variant, {.nr = *nr}), "allow") << name;
      for (const Rule& rule : DefaultPolicy(variant).rules) EXPECT_NE(rule.number, *nr) << name;
    }
  }
}

TEST(DefaultPolicy, LooksAtTheArgumentsOfFewCallsOnly) {
  std::vector<std::string> with_arguments;
  for (const Rule& rule : DefaultPolicy(Variant::kInetGuarded).rules) {
    if (!rule.conditions.empty()) {
      with_arguments.push_back(SyscallName(rule.number).value_or("?"));
    }
  }
  std::sort(with_arguments.begin(), with_arguments.end());
  with_arguments.erase(std::unique(with_arguments.begin(), with_arguments.end()),
                       with_arguments.end());
  EXPECT_EQ(with_arguments,
            (std::vector<std::string>{"clone", "fcntl", "ioctl", "ioprio_set", "personality",
                                      "renameat2", "seccomp", "setpriority", "socket",
                                      "socketpair", "unshare"}));
}

TEST(DefaultPolicy, PrioritiesOfProcessesOnly) {
  for (const Variant v : {Variant::kUnixOnly, Variant::kInetGuarded, Variant::kNoNamespaces}) {
    ExpectRows(v, {{"setpriority", {0, 0, 5}, "allow"},
                   {"setpriority", {1, 0, 5}, "errno(EPERM)"},
                   {"setpriority", {2, 0, 5}, "errno(EPERM)"},
                   {"setpriority", {kHigh | 1, 0, 5}, "errno(EPERM)"},
                   {"ioprio_set", {1, 0}, "allow"},
                   {"ioprio_set", {2, 0}, "errno(EPERM)"},
                   {"ioprio_set", {3, 1000}, "errno(EPERM)"}});
  }
  ExpectRows(Variant::kUnixOnly, {{"setpriority", {0, 77, 5}, "allow"},
                                  {"ioprio_set", {1, 77}, "allow"}});
}

void ExpectNoWayToProcessesOrQueues(Variant v) {
  for (const char* name : {"prlimit64", "sched_setaffinity", "sched_setscheduler",
                           "sched_setparam", "sched_setattr"}) {
    ExpectRows(v, {{name, {0, 7}, "allow"},
                   {name, {1, 7}, "errno(EPERM)"},
                   {name, {kHigh | 1, 7}, "errno(EPERM)"}});
    ExpectRows(Variant::kUnixOnly, {{name, {1, 7}, "allow"}});
  }
  ExpectRows(v, {{"setpriority", {0, 77}, "errno(EPERM)"}, {"ioprio_set", {1, 77}, "errno(EPERM)"}});
  for (const char* name : {"shmget", "shmat", "shmctl", "semget", "semop", "semctl", "semtimedop",
                           "msgget", "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink",
                           "file_setattr"}) {
    ExpectRows(v, {{name, {}, "errno(ENOSYS)"}});
    ExpectRows(Variant::kUnixOnly, {{name, {}, "allow"}});
  }
  ExpectRows(v, {{"ioctl", {0, FS_IOC_SETFLAGS}, "errno(EPERM)"},
                 {"ioctl", {0, FS_IOC_SETFLAGS | kHigh}, "errno(EPERM)"},
                 {"ioctl", {0, FS_IOC_GETFLAGS}, "allow"},
                 {"ioctl", {0, FS_IOC_FSSETXATTR}, "errno(EPERM)"},
                 {"ioctl", {0, FICLONE}, "allow"},
                 {"ioctl", {0, FIDEDUPERANGE}, "allow"},
                 {"ioctl", {0, 0x5000940e /* BTRFS_IOC_SUBVOL_CREATE */}, "errno(EPERM)"}});
}

TEST(DefaultPolicy, WithoutNamespacesNoCallReachesTheHostsProcessesOrQueues) {
  ExpectNoWayToProcessesOrQueues(Variant::kNoNamespaces);
  ExpectNoWayToProcessesOrQueues(Variant::kInetNoNamespaces);
  ExpectRows(Variant::kInetNoNamespaces, {{"connect", {}, "allow"},
                                          {"socket", {AF_INET, SOCK_STREAM, 0}, "allow"}});
}

TEST(DefaultPolicy, MakesNoNamespaces) {
  for (const uint64_t flag :
       {uint64_t{CLONE_NEWNS}, uint64_t{CLONE_NEWCGROUP}, uint64_t{CLONE_NEWUTS},
        uint64_t{CLONE_NEWIPC}, uint64_t{CLONE_NEWUSER}, uint64_t{CLONE_NEWPID},
        uint64_t{CLONE_NEWNET}}) {
    ExpectRows(Variant::kInet, {{"clone", {flag | 17}, "errno(EPERM)"},
                                {"clone", {flag | kHigh}, "errno(EPERM)"},
                                {"unshare", {flag}, "errno(EPERM)"},
                                {"unshare", {flag | kHigh | CLONE_FS}, "errno(EPERM)"}});
  }
  ExpectRows(Variant::kInet, {{"clone", {17}, "allow"},
                              {"clone", {0x3d0f00}, "allow"},  // a thread
                              {"clone3", {}, "errno(ENOSYS)"},
                              {"unshare", {0x80}, "errno(EPERM)"},
                              {"unshare", {CLONE_FILES | CLONE_FS | CLONE_SYSVSEM}, "allow"}});
}

TEST(DefaultPolicy, ComparesCommandsOnTheirLowHalf) {
  for (const uint64_t command : {0x5412, 0x541c, 0x5423, 0x541d, 0x5437}) {
    ExpectRows(Variant::kUnixOnly, {{"ioctl", {0, command}, "errno(EPERM)"},
                                    {"ioctl", {0, command | kHigh}, "errno(EPERM)"},
                                    {"ioctl", {0, command | kHigh << 31}, "errno(EPERM)"}});
  }
  ExpectRows(Variant::kUnixOnly,
             {{"ioctl", {0, TIOCGWINSZ}, "allow"},
              {"ioctl", {0, TCGETS}, "allow"},
              {"ioctl", {0x5412, 0}, "allow"},
              {"fcntl", {3, 1024}, "errno(EPERM)"},
              {"fcntl", {3, 1024 | kHigh}, "errno(EPERM)"},
              {"fcntl", {3, F_GETFL}, "allow"},
              {"renameat2", {0, 0, 0, 0, 4}, "errno(EINVAL)"},
              {"renameat2", {0, 0, 0, 0, 1}, "allow"},
              {"personality", {0}, "allow"},
              {"personality", {0xffffffff}, "allow"},
              {"personality", {0xffffffffffffffff}, "allow"},
              {"personality", {0x0040000}, "errno(EPERM)"},
              {"personality", {0x0400000}, "errno(EPERM)"},
              {"personality", {8}, "errno(EPERM)"},
              {"seccomp", {1, 0}, "allow"},
              {"seccomp", {1, 8}, "errno(EPERM)"},
              {"seccomp", {1 | kHigh, 8 | 32 | kHigh}, "errno(EPERM)"},
              {"seccomp", {3, 8}, "allow"}});
}

TEST(DefaultPolicy, UnixOnlyMakesNoOtherSocket) {
  const Variant v = Variant::kUnixOnly;
  ExpectRows(v, {{"socket", {AF_UNIX, SOCK_STREAM, 0}, "allow"},
                 {"socket", {AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0}, "allow"},
                 {"socketpair", {AF_UNIX, SOCK_DGRAM, 0}, "allow"},
                 {"connect", {}, "allow"}});
  for (uint64_t family = 0; family < 64; ++family) {
    if (family == AF_UNIX) continue;
    ExpectRows(v, {{"socket", {family, SOCK_STREAM, 0}, "errno(EAFNOSUPPORT)"},
                   {"socket", {family | kHigh, SOCK_DGRAM, 0}, "errno(EAFNOSUPPORT)"},
                   {"socketpair", {family, SOCK_STREAM, 0}, "errno(EAFNOSUPPORT)"}});
  }
}

TEST(DefaultPolicy, InetMakesTcpUdpAndRouteSocketsOnly) {
  const Variant v = Variant::kInet;
  for (const uint64_t family : {uint64_t{AF_INET}, uint64_t{AF_INET6}, AF_INET | kHigh}) {
    ExpectRows(v, {{"socket", {family, SOCK_STREAM, 0}, "allow"},
                   {"socket", {family, SOCK_STREAM | SOCK_NONBLOCK, 6}, "allow"},
                   {"socket", {family, SOCK_STREAM | kHigh, 6 | kHigh}, "allow"},
                   {"socket", {family, SOCK_DGRAM, 0}, "allow"},
                   {"socket", {family, SOCK_DGRAM, 17}, "allow"},
                   {"socket", {family, SOCK_STREAM, 262}, "errno(EPROTONOSUPPORT)"},
                   {"socket", {family, SOCK_STREAM, 132}, "errno(EPROTONOSUPPORT)"},
                   {"socket", {family, SOCK_SEQPACKET, 132}, "errno(EPROTONOSUPPORT)"},
                   {"socket", {family, SOCK_DCCP, 33}, "errno(EPROTONOSUPPORT)"},
                   {"socket", {family, SOCK_DGRAM, 136}, "errno(EPROTONOSUPPORT)"},
                   {"socket", {family, SOCK_DGRAM, 1}, "errno(EPROTONOSUPPORT)"},
                   {"socket", {family, SOCK_DGRAM, 58}, "errno(EPROTONOSUPPORT)"},
                   {"socket", {family, SOCK_RAW, 0}, "errno(EPROTONOSUPPORT)"},
                   {"socket", {family, SOCK_RAW | SOCK_CLOEXEC, 6}, "errno(EPROTONOSUPPORT)"},
                   {"socket", {family, SOCK_PACKET, 0}, "errno(EPROTONOSUPPORT)"},
                   {"socketpair", {family, SOCK_STREAM, 0}, "errno(EAFNOSUPPORT)"}});
  }
  ExpectRows(v, {{"socket", {AF_UNIX, SOCK_DGRAM, 0}, "allow"},
                 {"socket", {AF_NETLINK, SOCK_RAW, 0}, "allow"}});
  for (uint64_t protocol = 1; protocol < 32; ++protocol) {
    ExpectRows(v, {{"socket", {AF_NETLINK, SOCK_RAW, protocol}, "errno(EAFNOSUPPORT)"}});
  }
  for (uint64_t family = 0; family < 64; ++family) {
    if (family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK) {
      continue;
    }
    ExpectRows(v, {{"socket", {family, SOCK_STREAM, 0}, "errno(EAFNOSUPPORT)"},
                   {"socket", {family, SOCK_RAW, 0}, "errno(EAFNOSUPPORT)"}});
  }
}

TEST(DefaultPolicy, VisibleGuardedForbidWhatCanSendToAnyPath) {
  for (const Variant v : {Variant::kUnixGuarded, Variant::kNoNamespaces,
                          Variant::kInetGuarded, Variant::kNetworkFloor}) {
    for (const char* name : {"socket", "socketpair"}) {
      ExpectRows(v, {{name, {AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0}, "allow"},
                     {name, {AF_UNIX, SOCK_SEQPACKET, 0}, "allow"},
                     {name, {AF_UNIX, SOCK_DGRAM, 0}, "errno(EPROTONOSUPPORT)"},
                     {name, {AF_UNIX | kHigh, SOCK_DGRAM | SOCK_NONBLOCK | kHigh, 0},
                      "errno(EPROTONOSUPPORT)"},
                     // The kernel makes a datagram socket of it.
                     {name, {AF_UNIX, SOCK_RAW, 0}, "errno(EPROTONOSUPPORT)"}});
    }
  }
  ExpectRows(Variant::kUnixGuarded, {{"connect", {}, "allow"}});
  ExpectRows(Variant::kNoNamespaces, {{"connect", {}, "errno(EACCES)"}});
}

TEST(DefaultPolicy, ForeignEntriesAndUnknownNumbersNeverPass) {
  for (const Variant variant : kVariants) {
    for (uint32_t nr = 0; nr < 1024; ++nr) {
      EXPECT_EQ(Verdict(variant, {.nr = nr | uapi::kX32Bit}), "errno(ENOSYS)");
      EXPECT_EQ(Verdict(variant, {.arch = uapi::kI386AuditArch, .nr = nr}), "kill-process");
      if ((nr > uapi::kLastOldNr && nr < uapi::kFirstNewNr) || nr > uapi::kLastKnownNr) {
        EXPECT_EQ(Verdict(variant, {.nr = nr}), "errno(ENOSYS)") << nr;
      }
    }
    for (const uint32_t nr : {0xffffffffU, 0x80000000U, 0x7fffffffU, 0x80000002U, 0xc0000001U}) {
      EXPECT_EQ(Verdict(variant, {.nr = nr}), "errno(ENOSYS)") << nr;
    }
  }
}

TEST(NetworkFloor, RefusesNothingButWaysOut) {
  ExpectRows(Variant::kNetworkFloor, {{"io_uring_setup", {}, "errno(EPERM)"},
                                      {"io_uring_enter", {}, "errno(EPERM)"},
                                      {"seccomp", {1, 8}, "errno(EPERM)"},
                                      {"socket", {AF_INET, SOCK_STREAM, 0}, "allow"},
                                      {"socket", {AF_PACKET, SOCK_RAW, 0}, "errno(EAFNOSUPPORT)"},
                                      {"socket", {AF_VSOCK, SOCK_STREAM, 0},
                                       "errno(EAFNOSUPPORT)"},
                                      {"mount", {}, "allow"},
                                      {"clone3", {}, "allow"},
                                      {"unshare", {CLONE_NEWUSER}, "allow"}});
}

TEST(SyscallNames, AgreeWithTheHeadersAndTheTable) {
  EXPECT_EQ(SyscallNumber("openat"), uint32_t{__NR_openat});
  EXPECT_EQ(SyscallNumber("futex_waitv"), uint32_t{__NR_futex_waitv});
  EXPECT_EQ(SyscallName(__NR_clone3), "clone3");
  EXPECT_EQ(SyscallName(uapi::kNrFileSetattr), "file_setattr");
  EXPECT_EQ(SyscallNumber("no_such_call"), std::nullopt);
  EXPECT_EQ(SyscallNumber("socketcall"), std::nullopt);  // of i386
  EXPECT_EQ(SyscallName(400), std::nullopt);
  EXPECT_EQ(SyscallName(0xffffffff), std::nullopt);
}

TEST(SyscallNames, EveryKnownNumberHasOneAndNoOtherNumber) {
  for (uint32_t nr = 0; nr < 600; ++nr) {
    const bool known = nr <= uapi::kLastOldNr ||
                       (nr >= uapi::kFirstNewNr && nr <= uapi::kLastKnownNr);
    const std::optional<std::string> name = SyscallName(nr);
    EXPECT_EQ(name.has_value(), known) << nr << " " << name.value_or("");
    if (name.has_value()) {
      EXPECT_EQ(SyscallNumber(*name), nr) << *name;
    }
  }
}

}  // namespace
}  // namespace sandbox::seccomp
