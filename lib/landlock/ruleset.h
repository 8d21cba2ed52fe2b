// A Landlock ruleset: built, then enforced on the calling thread.
//
//   ASSIGN_OR_RETURN(Abi abi, ProbeAbi());
//   ASSIGN_OR_RETURN(Ruleset ruleset, std::move(RulesetBuilder(abi)
//                                         .AllowBeneath(usr.get(), kReadExecute)
//                                         .AllowBeneath(work.get(), kWrite)
//                                         .ScopeSignals())
//                                         .Build());
//   ASSIGN_OR_RETURN(Enforcement enforcement, ruleset.Enforce());
//
// The kernel's pages are landlock(7), landlock_add_rule(2) and landlock_restrict_self(2).

#ifndef LIB_LANDLOCK_RULESET_H_
#define LIB_LANDLOCK_RULESET_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/fd/unique_fd.h"
#include "lib/landlock/abi.h"
#include "lib/landlock/access.h"

namespace sandbox::landlock {

// A protection that an older ABI cannot give.
enum class Gap : uint8_t {
  kRefer,         // below ABI 2 every rename or link between directories is refused (stricter)
  kTruncate,      // below ABI 3 truncate() passes on files that may not be written
  kTcp,           // below ABI 4 TCP ports are not restricted
  kIoctlDev,      // below ABI 5 ioctl() passes on devices that were opened
  kAbstractUnix,  // below ABI 6 abstract unix sockets of outside can be reached
  kSignal,        // below ABI 6 signals reach outside processes
  kUnixByPath,    // below ABI 9 unix sockets can be connected to wherever their path is
  kUdp,           // below ABI 10 UDP ports are not restricted
};

// The gap's stable name ("truncate", "ioctl-dev", "abstract-unix", ...) and the ABI that closes it.
absl::string_view GapName(Gap gap);
int GapClosedByAbi(Gap gap);

// What was put in force, for reports.
struct Enforcement {
  Abi abi;
  std::vector<Gap> gaps;  // asked for and not given by this ABI, in the order of Gap
};

// Owns a complete ruleset's descriptor. Enforcing does not consume it: processes that must stand
// under the same rules share it by fork or SCM_RIGHTS (fd() lends it; the constructor takes one up).
class Ruleset {
 public:
  // Takes a ruleset's descriptor that came from another process, with what is known of it.
  Ruleset(UniqueFd fd, Enforcement engaged) : fd_(std::move(fd)), engaged_(std::move(engaged)) {}

  // Borrowed; close-on-exec.
  int fd() const { return fd_.get(); }
  // What Enforce() will report; ask before enforcing to refuse a gap.
  const Enforcement& engaged() const { return engaged_; }

  // Restricts the calling thread and all its later children, for good. Does not block.
  //
  // Preconditions: PR_SET_NO_NEW_PRIVS is set (or CAP_SYS_ADMIN is held).
  // Errors, errno attached: EPERM without the precondition; E2BIG when 16 layers are already
  // stacked. Nothing is enforced then.
  absl::StatusOr<Enforcement> Enforce() const;

 private:
  UniqueFd fd_;
  Enforcement engaged_;
};

// Collects rules. All file-system rights that the ABI knows are handled: what no rule allows is
// denied. Borrowed descriptors must stay open until Build(). Not thread-safe.
class RulesetBuilder {
 public:
  // `abi` is what ProbeAbi() gave; a test may pass a smaller version to act as an older kernel.
  explicit RulesetBuilder(Abi abi) : abi_(abi) {}

  // Allows `access` on the inode of `fd` (O_PATH suffices) and on all beneath it. Whatever does
  // not fit is dropped: rights newer than the ABI, directory rights when `fd` is no directory.
  // Rules on one inode add up.
  RulesetBuilder& AllowBeneath(int fd, Access access);

  // Denies bind() and connect() of TCP sockets on every port (ABI 4). Does not cover
  // sendto(MSG_FASTOPEN) and MPTCP: a seccomp filter must.
  RulesetBuilder& DenyTcp();
  // Denies bind(), connect() and addressed sends of UDP sockets on every port (ABI 10).
  RulesetBuilder& DenyUdp();
  // Exceptions of DenyTcp(), on all addresses. Without DenyTcp() they are an error of Build().
  RulesetBuilder& AllowTcpConnect(uint16_t port);
  RulesetBuilder& AllowTcpBind(uint16_t port);

  // No connection to abstract unix sockets of processes outside the domain (ABI 6).
  RulesetBuilder& ScopeAbstractUnix();
  // No signal to processes outside the domain (ABI 6).
  RulesetBuilder& ScopeSignals();

  // Makes the ruleset; enforces nothing.
  // Errors: InvalidArgument for an ABI below 1 or a port rule without DenyTcp(); errno attached
  // for a failed call: EBADF or EBADFD for a descriptor that names no file, EMFILE.
  absl::StatusOr<Ruleset> Build() &&;

 private:
  struct PathRule {
    int fd;
    Access access;
  };
  struct PortRule {
    uint16_t port;
    uint64_t rights;
  };
  Abi abi_;
  uint64_t net_ = 0;
  uint64_t scoped_ = 0;
  std::vector<PathRule> paths_;
  std::vector<PortRule> ports_;
};

}  // namespace sandbox::landlock

#endif  // LIB_LANDLOCK_RULESET_H_
