#include "lib/landlock/ruleset.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/uapi/landlock.h"

namespace sandbox::landlock {
namespace {

namespace kernel = uapi::landlock;

constexpr uint64_t kTcpRights = kernel::kAccessNetBindTcp | kernel::kAccessNetConnectTcp;
constexpr uint64_t kUdpRights = kernel::kAccessNetBindUdp | kernel::kAccessNetConnectSendUdp;

struct GapRow {
  Gap gap;
  int closed_by_abi;
  const char* name;
};

constexpr GapRow kGaps[] = {
    {Gap::kRefer, 2, "refer"},
    {Gap::kTruncate, 3, "truncate"},
    {Gap::kTcp, 4, "tcp"},
    {Gap::kIoctlDev, 5, "ioctl-dev"},
    {Gap::kAbstractUnix, 6, "abstract-unix"},
    {Gap::kSignal, 6, "signal"},
    {Gap::kUnixByPath, 9, "unix-connect"},
    {Gap::kUdp, 10, "udp"},
};

const GapRow& RowOf(Gap gap) { return kGaps[static_cast<size_t>(gap)]; }

// File-system protections are always asked for, since everything is handled.
bool IsAskedFor(Gap gap, uint64_t net, uint64_t scoped) {
  switch (gap) {
    case Gap::kTcp:
      return (net & kTcpRights) != 0;
    case Gap::kUdp:
      return (net & kUdpRights) != 0;
    case Gap::kAbstractUnix:
      return (scoped & kernel::kScopeAbstractUnixSocket) != 0;
    case Gap::kSignal:
      return (scoped & kernel::kScopeSignal) != 0;
    case Gap::kRefer:
    case Gap::kTruncate:
    case Gap::kIoctlDev:
    case Gap::kUnixByPath:
      return true;
  }
  return true;
}

uint64_t NetRightsOf(int version) {
  return (version >= 4 ? kTcpRights : 0) | (version >= 10 ? kUdpRights : 0);
}

uint64_t ScopesOf(int version) {
  return version >= 6 ? kernel::kScopeAbstractUnixSocket | kernel::kScopeSignal : 0;
}

// Older kernels know a shorter structure; it is given in the length that `version` has.
size_t AttrSizeOf(int version) {
  if (version >= 6) return sizeof(kernel::RulesetAttr);
  return version >= 4 ? offsetof(kernel::RulesetAttr, scoped)
                      : offsetof(kernel::RulesetAttr, handled_access_net);
}

absl::Status AddPathRule(int ruleset, int fd, Access handled, Access access) {
  struct stat st = {};
  if (fstat(fd, &st) != 0) return ErrnoError(errno, "fstat", absl::StrCat("fd ", fd));
  uint64_t rights = access.rights() & handled.rights();
  if (!S_ISDIR(st.st_mode)) rights &= kernel::kAccessFsOfFiles;
  if (rights == 0) return absl::OkStatus();
  const kernel::PathBeneathAttr attr = {.allowed_access = rights, .parent_fd = fd};
  if (syscall(kernel::kNrAddRule, ruleset, kernel::kRulePathBeneath, &attr, 0U) != 0) {
    return ErrnoError(errno, "landlock_add_rule", absl::StrCat("fd ", fd));
  }
  return absl::OkStatus();
}

absl::Status AddPortRule(int ruleset, uint16_t port, uint64_t rights) {
  const kernel::NetPortAttr attr = {.allowed_access = rights, .port = port};
  if (syscall(kernel::kNrAddRule, ruleset, kernel::kRuleNetPort, &attr, 0U) != 0) {
    return ErrnoError(errno, "landlock_add_rule", absl::StrCat("port ", port));
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view GapName(Gap gap) { return RowOf(gap).name; }
int GapClosedByAbi(Gap gap) { return RowOf(gap).closed_by_abi; }

absl::StatusOr<Enforcement> Ruleset::Enforce() const {
  if (syscall(kernel::kNrRestrictSelf, fd_.get(), 0U) != 0) {
    const int err = errno;
    const absl::Status status = ErrnoError(err, "landlock_restrict_self");
    if (err == E2BIG) return Annotate(status, "Landlock allows no more than 16 nested sandboxes");
    if (err == EPERM) return Annotate(status, "no_new_privs is not set");
    return status;
  }
  return engaged_;
}

RulesetBuilder& RulesetBuilder::AllowBeneath(int fd, Access access) {
  paths_.push_back({fd, access});
  return *this;
}

RulesetBuilder& RulesetBuilder::DenyTcp() {
  net_ |= kTcpRights;
  return *this;
}

RulesetBuilder& RulesetBuilder::DenyUdp() {
  net_ |= kUdpRights;
  return *this;
}

RulesetBuilder& RulesetBuilder::AllowTcpConnect(uint16_t port) {
  ports_.push_back({port, kernel::kAccessNetConnectTcp});
  return *this;
}

RulesetBuilder& RulesetBuilder::AllowTcpBind(uint16_t port) {
  ports_.push_back({port, kernel::kAccessNetBindTcp});
  return *this;
}

RulesetBuilder& RulesetBuilder::ScopeAbstractUnix() {
  scoped_ |= kernel::kScopeAbstractUnixSocket;
  return *this;
}

RulesetBuilder& RulesetBuilder::ScopeSignals() {
  scoped_ |= kernel::kScopeSignal;
  return *this;
}

absl::StatusOr<Ruleset> RulesetBuilder::Build() && {
  if (abi_.version < 1) return absl::InvalidArgumentError("landlock: no ABI was probed");
  if (!ports_.empty() && (net_ & kTcpRights) == 0) {
    return absl::InvalidArgumentError("landlock: a TCP port is allowed but TCP is not denied");
  }
  const Access handled = AllOf(abi_.version);
  const kernel::RulesetAttr attr = {
      .handled_access_fs = handled.rights(),
      .handled_access_net = net_ & NetRightsOf(abi_.version),
      .scoped = scoped_ & ScopesOf(abi_.version),
  };
  UniqueFd ruleset(static_cast<int>(
      syscall(kernel::kNrCreateRuleset, &attr, AttrSizeOf(abi_.version), 0U)));
  if (!ruleset.ok()) {
    return ErrnoError(errno, "landlock_create_ruleset", absl::StrCat("ABI ", abi_.version));
  }
  for (const PathRule& rule : paths_) {
    RETURN_IF_ERROR(AddPathRule(ruleset.get(), rule.fd, handled, rule.access));
  }
  if (attr.handled_access_net != 0) {
    for (const PortRule& rule : ports_) {
      RETURN_IF_ERROR(AddPortRule(ruleset.get(), rule.port, rule.rights));
    }
  }
  Enforcement engaged{.abi = abi_, .gaps = {}};
  for (const GapRow& row : kGaps) {
    if (abi_.version < row.closed_by_abi && IsAskedFor(row.gap, net_, scoped_)) {
      engaged.gaps.push_back(row.gap);
    }
  }
  return Ruleset(std::move(ruleset), std::move(engaged));
}

}  // namespace sandbox::landlock
