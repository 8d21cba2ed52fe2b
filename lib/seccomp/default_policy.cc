#include "lib/seccomp/default_policy.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

namespace sandbox::seccomp {
namespace {

constexpr uint32_t kAll = ~0u;

// ioprio_set(2). Newer versions of its header, linux/ioprio.h, are no C++.
constexpr uint32_t kIoprioWhoProcess = 1;

// CLONE_NEW* of clone(2) and unshare(2). NEWTIME shares its bit with clone's exit signal, and only
// unshare and clone3 take it.
constexpr uint32_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
constexpr uint32_t kNewTime = 0x80;

// Dangerous, and known to fail in sandboxes: programs take EPERM for an answer.
constexpr uint32_t kRefused[] = {
    // File systems and namespaces.
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_setns, SYS_open_tree, SYS_move_mount,
    SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr, uapi::kNrOpenTreeAttr,
    SYS_open_by_handle_at, SYS_fanotify_init, SYS_quotactl, SYS_quotactl_fd,
    // Large kernel surfaces, and those that act beside the filter.
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_io_uring_enter,
    SYS_io_uring_register,
    // Keys of the user.
    SYS_add_key, SYS_request_key, SYS_keyctl,
    // The machine.
    SYS_kexec_load, SYS_kexec_file_load, SYS_init_module, SYS_finit_module, SYS_delete_module,
    SYS_create_module, SYS_get_kernel_syms, SYS_query_module, SYS_reboot, SYS_swapon, SYS_swapoff,
    SYS_acct, SYS_syslog, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex,
    SYS_sethostname, SYS_setdomainname, SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_vhangup,
    SYS_nfsservctl, SYS_lookup_dcookie, SYS_uselib, SYS_ustat, SYS_sysfs, SYS__sysctl,
    // Memory of others.
    SYS_move_pages, SYS_migrate_pages,
};

// Terminal requests that put input into, or take over, what another process reads.
constexpr uint32_t kTerminalRequests[] = {TIOCSTI, 0x541C /* TIOCLINUX */, TIOCSETD, TIOCCONS,
                                          TIOCVHANGUP};

// Calls that reach another process's limits and scheduling by its number, the first argument; 0 is
// the caller itself.
constexpr uint32_t kOfProcess[] = {SYS_prlimit64, SYS_sched_setaffinity, SYS_sched_setscheduler,
                                   SYS_sched_setparam, SYS_sched_setattr};

// System V IPC and POSIX queues, as of a kernel without them.
constexpr uint32_t kIpc[] = {SYS_shmget, SYS_shmat,  SYS_shmctl, SYS_shmdt,   SYS_semget,
                             SYS_semop,  SYS_semctl, SYS_semtimedop, SYS_msgget, SYS_msgsnd,
                             SYS_msgrcv, SYS_msgctl, SYS_mq_open, SYS_mq_unlink};

// Requests that change a file through a descriptor that only reads.
constexpr uint32_t kFileRequests[] = {FS_IOC_SETFLAGS, FS_IOC_SETVERSION, FS_IOC_FSSETXATTR,
                                      FS_IOC_ENABLE_VERITY, FS_IOC_SET_ENCRYPTION_POLICY};
constexpr uint32_t kCopyRequests[] = {FICLONE, FICLONERANGE, FIDEDUPERANGE};
constexpr uint32_t kRequestType = 0xff00;
constexpr uint32_t kBtrfsType = 0x9400;  // subvolumes are made and removed by such

void Add(Policy& policy, uint32_t number, Action action, std::vector<Condition> conditions = {}) {
  policy.rules.push_back(
      {.number = number, .conditions = std::move(conditions), .action = action});
}

Condition Equals(int argument, uint32_t value) { return {argument, kAll, value}; }
Condition Differs(int argument, uint32_t value) { return {argument, kAll, value, true}; }
Condition HasAny(int argument, uint32_t bits) { return {argument, bits, 0, true}; }

void AddProcessRules(Policy& policy) {
  Add(policy, SYS_clone, Errno(EPERM), {HasAny(0, kNamespaces)});
  Add(policy, SYS_clone3, Errno(ENOSYS));  // its flags are in memory; libraries fall back to clone
  Add(policy, SYS_unshare, Errno(EPERM), {HasAny(0, kNamespaces | kNewTime)});
  Add(policy, SYS_personality, kAllow, {Equals(0, 0)});
  Add(policy, SYS_personality, kAllow, {Equals(0, 0xffffffff)});
  Add(policy, SYS_personality, Errno(EPERM));
  Add(policy, SYS_fcntl, Errno(EPERM), {Equals(1, F_SETLEASE)});
  // A whiteout hides a file of a lower layer; Landlock does not ask for a right to make one.
  Add(policy, SYS_renameat2, Errno(EINVAL), {HasAny(4, RENAME_WHITEOUT)});
  // By group or user they reach processes that no pid namespace hides: the job that we are part of.
  Add(policy, SYS_setpriority, Errno(EPERM), {Differs(0, PRIO_PROCESS)});
  Add(policy, SYS_ioprio_set, Errno(EPERM), {Differs(0, kIoprioWhoProcess)});
  for (const uint32_t request : kTerminalRequests) {
    Add(policy, SYS_ioctl, Errno(EPERM), {Equals(1, request)});
  }
}

// A second listener would make its owner the judge of our own calls.
void AddListenerRule(Policy& policy) {
  Add(policy, SYS_seccomp, Errno(EPERM),
      {Equals(0, SECCOMP_SET_MODE_FILTER), HasAny(1, SECCOMP_FILTER_FLAG_NEW_LISTENER)});
}

// What namespaces and read-only mounts do elsewhere, and Landlock has no right for.
void AddNoNamespaces(Policy& policy) {
  for (const uint32_t number : kOfProcess) Add(policy, number, Errno(EPERM), {Differs(0, 0)});
  Add(policy, SYS_setpriority, Errno(EPERM), {Differs(1, 0)});
  Add(policy, SYS_ioprio_set, Errno(EPERM), {Differs(1, 0)});
  for (const uint32_t number : kIpc) Add(policy, number, Errno(ENOSYS));
  for (const uint32_t request : kFileRequests) {
    Add(policy, SYS_ioctl, Errno(EPERM), {Equals(1, request)});
  }
  for (const uint32_t request : kCopyRequests) Add(policy, SYS_ioctl, kAllow, {Equals(1, request)});
  Add(policy, SYS_ioctl, Errno(EPERM), {Condition{1, kRequestType, kBtrfsType}});
  Add(policy, uapi::kNrFileSetattr, Errno(ENOSYS));
}

// A datagram socket, even one of a pair, can send to any path, and nobody sees the path.
void AddNoUnixDatagrams(Policy& policy) {
  for (const uint32_t number : {SYS_socket, SYS_socketpair}) {
    Add(policy, number, Errno(EPROTONOSUPPORT),
        {Equals(0, AF_UNIX), Condition{1, 0xf, SOCK_DGRAM}});
    Add(policy, number, Errno(EPROTONOSUPPORT), {Equals(0, AF_UNIX), Condition{1, 0xf, SOCK_RAW}});
  }
}

void AddInet(Policy& policy) {
  for (const uint32_t domain : {AF_INET, AF_INET6}) {
    for (const uint32_t protocol : {0, static_cast<int>(IPPROTO_TCP)}) {
      Add(policy, SYS_socket, kAllow,
          {Equals(0, domain), Condition{1, 0xf, SOCK_STREAM}, Equals(2, protocol)});
    }
    for (const uint32_t protocol : {0, static_cast<int>(IPPROTO_UDP)}) {
      Add(policy, SYS_socket, kAllow,
          {Equals(0, domain), Condition{1, 0xf, SOCK_DGRAM}, Equals(2, protocol)});
    }
    Add(policy, SYS_socket, Errno(EPROTONOSUPPORT), {Equals(0, domain)});
  }
  // What getifaddrs() reads: interfaces and addresses of the own net namespace.
  Add(policy, SYS_socket, kAllow, {Equals(0, AF_NETLINK), Equals(2, NETLINK_ROUTE)});
}

void AddSockets(Policy& policy, bool inet) {
  Add(policy, SYS_socket, kAllow, {Equals(0, AF_UNIX)});
  if (inet) AddInet(policy);
  Add(policy, SYS_socket, Errno(EAFNOSUPPORT));
  Add(policy, SYS_socketpair, kAllow, {Equals(0, AF_UNIX)});
  Add(policy, SYS_socketpair, Errno(EAFNOSUPPORT));
}

Policy NetworkFloor() {
  Policy policy{.rules = {}, .otherwise = kAllow, .unknown = Errno(ENOSYS),
                .foreign = kKillProcess};
  for (const uint32_t number : {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register}) {
    Add(policy, number, Errno(EPERM));
  }
  AddListenerRule(policy);
  AddNoUnixDatagrams(policy);
  AddSockets(policy, /*inet=*/true);
  return policy;
}

}  // namespace

Policy DefaultPolicy(Variant variant) {
  if (variant == Variant::kNetworkFloor) return NetworkFloor();
  Policy policy{.rules = {}, .otherwise = kAllow, .unknown = Errno(ENOSYS),
                .foreign = kKillProcess};
  for (const uint32_t number : kRefused) Add(policy, number, Errno(EPERM));
  AddProcessRules(policy);
  AddListenerRule(policy);
  if (variant != Variant::kUnixOnly && variant != Variant::kInet) AddNoUnixDatagrams(policy);
  const bool inet = variant == Variant::kInet || variant == Variant::kInetGuarded ||
                    variant == Variant::kInetNoNamespaces;
  AddSockets(policy, inet);
  if (variant == Variant::kNoNamespaces || variant == Variant::kInetNoNamespaces) {
    AddNoNamespaces(policy);
  }
  if (variant == Variant::kNoNamespaces) Add(policy, SYS_connect, Errno(EACCES));
  return policy;
}

}  // namespace sandbox::seccomp
