#include "lib/realise/rules.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/fs.h>
#include <string>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"
#include "lib/landlock/abi.h"
#include "lib/landlock/access.h"
#include "lib/notify/calls.h"
#include "lib/uapi/syscall_nr.h"

namespace sandbox::realise {
namespace {

using landlock::Access;

constexpr int kTcpAbi = 4;

struct Rule {
  std::string path;
  Access access;
  bool may_miss;  // not in every view
};

Access AccessOf(const view::Grant& grant) {
  const Access full = grant.write ? landlock::kWrite : landlock::kReadExecute;
  return grant.execute ? full : full.Without(landlock::kExecute);
}

std::vector<Rule> RulesOf(const Plan& plan) {
  std::vector<Rule> rules;
  for (const view::Grant& grant : plan.view.grants) {
    rules.push_back({grant.path, AccessOf(grant), false});
  }
  if (plan.has_view) {
    // What is not granted is not there: listing what is tells nothing.
    rules.push_back({"/", Access(uapi::landlock::kAccessFsReadDir), false});
    rules.push_back({"/proc", landlock::kRead, true});
  }
  if (!plan.view.system) return rules;
  if (plan.has_view) {
    rules.push_back({"/dev", landlock::kRead | landlock::kWriteExisting, false});
    rules.push_back({"/dev/shm", landlock::kWrite, false});
    rules.push_back({"/tmp", landlock::kWrite, false});
    if (!plan.view.home.empty()) rules.push_back({plan.view.home, landlock::kWrite, true});
    return rules;
  }
  // Not ptmx and pts: they are the host's, with the terminals of the user's other sessions.
  for (const char* name : {"null", "zero", "full", "random", "urandom", "tty"}) {
    rules.push_back({absl::StrCat("/dev/", name), landlock::kRead | landlock::kWriteExisting, true});
  }
  rules.push_back({"/proc", landlock::kRead, true});
  return rules;
}

bool IsObserved(const Plan& plan, absl::string_view kind) {
  for (const Observer& observer : plan.observers) {
    for (const std::string& call : observer.calls) {
      if (call == kind) return true;
    }
  }
  return false;
}

// Of open flags: any of them changes something.
constexpr uint32_t kWriteFlags = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);

// What does the same as a mediated call, in a way that cannot be mediated: programs fall back.
constexpr uint32_t kNewer[] = {SYS_openat2, uapi::kNrSetxattrat, uapi::kNrRemovexattrat,
                               uapi::kNrFileSetattr};

// Changes a file by way of a descriptor that need not be open for writing.
constexpr uint32_t kFileIoctls[] = {FS_IOC_SETFLAGS, FS_IOC32_SETFLAGS, FS_IOC_FSSETXATTR};

void AddMediation(seccomp::Policy& policy) {
  for (const uint32_t number : kNewer) {
    policy.rules.push_back({.number = number, .conditions = {}, .action = seccomp::Errno(ENOSYS)});
  }
  for (const uint32_t request : kFileIoctls) {
    policy.rules.push_back({.number = SYS_ioctl,
                            .conditions = {{.argument = 1, .mask = ~0u, .value = request}},
                            .action = seccomp::Errno(EPERM)});
  }
}

}  // namespace

absl::StatusOr<landlock::Ruleset> MakeRuleset(const Plan& plan) {
  ASSIGN_OR_RETURN(const landlock::Abi abi, landlock::ProbeAbi());
  landlock::RulesetBuilder builder(abi);
  std::vector<UniqueFd> opened;  // until the ruleset is built
  for (const Rule& rule : RulesOf(plan)) {
    UniqueFd fd(open(rule.path.c_str(), O_PATH | O_CLOEXEC));
    if (!fd.ok()) {
      if (rule.may_miss && errno == ENOENT) continue;
      return ErrnoError(errno, "open", rule.path);
    }
    builder.AllowBeneath(fd.get(), rule.access);
    opened.push_back(std::move(fd));
  }
  builder.ScopeSignals().ScopeAbstractUnix();
  // Where the net namespace does not: TCP by the named ports alone. Without any, the filter refuses
  // the sockets as well.
  if (plan.tcp_only && abi.version < kTcpAbi) {
    return absl::UnimplementedError(
        "--connect-tcp and --bind-tcp need Landlock ABI 4 (Linux 6.7); use sandbox-netbridge");
  }
  if (plan.tcp_only || (!plan.strict && plan.filter != Filter::kInet)) builder.DenyTcp();
  for (const uint16_t port : plan.connect_tcp) builder.AllowTcpConnect(port);
  for (const uint16_t port : plan.bind_tcp) builder.AllowTcpBind(port);
  return std::move(builder).Build();
}

absl::Status EnforceLandlock(const Plan& plan, Engaged* engaged) {
  ASSIGN_OR_RETURN(const landlock::Ruleset ruleset, MakeRuleset(plan));
  ASSIGN_OR_RETURN(const landlock::Enforcement enforcement, ruleset.Enforce());
  engaged->landlock_abi = enforcement.abi.version;
  for (const landlock::Gap gap : enforcement.gaps) engaged->gaps |= 1u << static_cast<int>(gap);
  return absl::OkStatus();
}

Decisions DecisionsOf(const Plan& plan) {
  Decisions decisions;
  decisions.connect = plan.unix_sockets == UnixSockets::kWritable ||
                      plan.unix_sockets == UnixSockets::kInside || !plan.reachable_sockets.empty();
  decisions.writes = !plan.denies.empty();
  for (const policy::Rule& rule : plan.denies.rules()) {
    decisions.reads |= rule.effect == policy::Effect::kDeny;
  }
  return decisions;
}

bool Decisions::Includes(const seccomp_notif& notification) const {
  const notify::Call* call = notify::FindCall(notification.data.nr);
  if (call == nullptr) return true;  // it was trapped for a reason
  if (call->kind == "connect") return connect;
  if (call->kind == "change" || call->kind == "bind") return writes;
  if (call->kind != "open" || !writes) return false;
  if (reads || call->flags < 0) return true;
  return (notification.data.args[call->flags] & kWriteFlags) != 0;
}

seccomp::Variant DefaultVariant(const Plan& plan) {
  using seccomp::Variant;
  const bool inet = plan.filter == Filter::kInet;
  if (!plan.strict) return inet ? Variant::kInetNoNamespaces : Variant::kNoNamespaces;
  if (DecisionsOf(plan).connect) return inet ? Variant::kInetGuarded : Variant::kUnixGuarded;
  return inet ? Variant::kInet : Variant::kUnixOnly;
}

seccomp::Policy NarrowedSockets(const Plan& plan) {
  seccomp::Policy policy;
  const auto add = [&](uint32_t number, std::vector<seccomp::Condition> conditions, int err) {
    policy.rules.push_back({.number = number,
                            .conditions = std::move(conditions),
                            .action = seccomp::Errno(err)});
  };
  if (plan.unix_sockets == UnixSockets::kNotMade) {
    add(SYS_socket, {{.argument = 0, .mask = ~0u, .value = AF_UNIX}}, EAFNOSUPPORT);
    // One of a pair could still send to a path.
    for (const uint32_t type : {SOCK_DGRAM, SOCK_RAW}) {
      add(SYS_socketpair, {{.argument = 1, .mask = 0xf, .value = type}}, EPROTONOSUPPORT);
    }
  }
  if (!plan.tcp_only) return policy;
  for (const uint32_t domain : {AF_INET, AF_INET6}) {
    add(SYS_socket,
        {{.argument = 0, .mask = ~0u, .value = domain},
         {.argument = 1, .mask = 0xf, .value = SOCK_STREAM, .differs = true}},
        EACCES);
  }
  // A connection that Landlock is not asked about.
  add(SYS_sendto, {{.argument = 3, .mask = MSG_FASTOPEN, .value = 0, .differs = true}}, EOPNOTSUPP);
  add(SYS_sendmsg, {{.argument = 2, .mask = MSG_FASTOPEN, .value = 0, .differs = true}}, EOPNOTSUPP);
  add(SYS_sendmmsg, {{.argument = 3, .mask = MSG_FASTOPEN, .value = 0, .differs = true}}, EOPNOTSUPP);
  // Without bind() it would take any port.
  if (plan.bind_tcp.empty()) add(SYS_listen, {}, EACCES);
  return policy;
}

seccomp::Policy TrappedCalls(const Plan& plan) {
  seccomp::Policy policy;  // allows what it does not trap, whatever the architecture
  const Decisions decisions = DecisionsOf(plan);
  if (decisions.writes) AddMediation(policy);
  for (const notify::Call& call : notify::Calls()) {
    const bool is_open = call.kind == "open";
    const bool is_decided = (call.kind == "connect" && decisions.connect) ||
                            (decisions.writes && (is_open || call.kind == "change" || call.kind == "bind"));
    const bool is_observed = IsObserved(plan, call.kind);
    if (!is_decided && !is_observed) continue;
    seccomp::Rule rule = {
        .number = static_cast<uint32_t>(call.number), .conditions = {}, .action = seccomp::kNotify};
    if (is_open && call.flags >= 0 && !is_observed && !decisions.reads) {
      rule.conditions.push_back(
          {.argument = call.flags, .mask = kWriteFlags, .value = 0, .differs = true});
    }
    policy.rules.push_back(std::move(rule));
  }
  return policy;
}

}  // namespace sandbox::realise
