#include "lib/seccomp/default_policy.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

namespace sandbox::seccomp {
namespace {

constexpr uint32_t kAll = ~0u;

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

void Add(Policy& policy, uint32_t number, Action action, std::vector<Condition> conditions = {}) {
  policy.rules.push_back(
      {.number = number, .conditions = std::move(conditions), .action = action});
}

Condition Equals(int argument, uint32_t value) { return {argument, kAll, value}; }
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
  for (const uint32_t request : kTerminalRequests) {
    Add(policy, SYS_ioctl, Errno(EPERM), {Equals(1, request)});
  }
}

// A second listener would make its owner the judge of our own calls.
void AddListenerRule(Policy& policy) {
  Add(policy, SYS_seccomp, Errno(EPERM),
      {Equals(0, SECCOMP_SET_MODE_FILTER), HasAny(1, SECCOMP_FILTER_FLAG_NEW_LISTENER)});
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
  AddSockets(policy, variant == Variant::kInet || variant == Variant::kInetGuarded);
  if (variant == Variant::kUnixOnlyNoConnect) Add(policy, SYS_connect, Errno(EACCES));
  return policy;
}

}  // namespace sandbox::seccomp
