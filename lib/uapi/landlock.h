// Landlock's kernel interface, complete up to ABI 10, under our own names: Debian 12's
// <linux/landlock.h> ends at ABI 2. Values are the kernel's and never change
// (Linux, include/uapi/linux/landlock.h; landlock(7)).

#ifndef LIB_UAPI_LANDLOCK_H_
#define LIB_UAPI_LANDLOCK_H_

#include <cstddef>
#include <cstdint>

namespace sandbox::uapi::landlock {

// System calls; the numbers are the same on every architecture. Since Linux 5.13.
inline constexpr long kNrCreateRuleset = 444;
inline constexpr long kNrAddRule = 445;
inline constexpr long kNrRestrictSelf = 446;

// Flags of landlock_create_ruleset() with no attributes.
inline constexpr uint32_t kCreateRulesetVersion = 1U << 0;  // since ABI 1, Linux 5.13
inline constexpr uint32_t kCreateRulesetErrata = 1U << 1;   // since Linux 6.15, backported

// File-system rights: handled_access_fs and PathBeneathAttr::allowed_access.
inline constexpr uint64_t kAccessFsExecute = 1ULL << 0;       // since ABI 1, Linux 5.13
inline constexpr uint64_t kAccessFsWriteFile = 1ULL << 1;     // since ABI 1, Linux 5.13
inline constexpr uint64_t kAccessFsReadFile = 1ULL << 2;      // since ABI 1, Linux 5.13
inline constexpr uint64_t kAccessFsReadDir = 1ULL << 3;       // since ABI 1, Linux 5.13
inline constexpr uint64_t kAccessFsRemoveDir = 1ULL << 4;     // since ABI 1, Linux 5.13
inline constexpr uint64_t kAccessFsRemoveFile = 1ULL << 5;    // since ABI 1, Linux 5.13
inline constexpr uint64_t kAccessFsMakeChar = 1ULL << 6;      // since ABI 1, Linux 5.13
inline constexpr uint64_t kAccessFsMakeDir = 1ULL << 7;       // since ABI 1, Linux 5.13
inline constexpr uint64_t kAccessFsMakeReg = 1ULL << 8;       // since ABI 1, Linux 5.13
inline constexpr uint64_t kAccessFsMakeSock = 1ULL << 9;      // since ABI 1, Linux 5.13
inline constexpr uint64_t kAccessFsMakeFifo = 1ULL << 10;     // since ABI 1, Linux 5.13
inline constexpr uint64_t kAccessFsMakeBlock = 1ULL << 11;    // since ABI 1, Linux 5.13
inline constexpr uint64_t kAccessFsMakeSym = 1ULL << 12;      // since ABI 1, Linux 5.13
inline constexpr uint64_t kAccessFsRefer = 1ULL << 13;        // since ABI 2, Linux 5.19
inline constexpr uint64_t kAccessFsTruncate = 1ULL << 14;     // since ABI 3, Linux 6.2
inline constexpr uint64_t kAccessFsIoctlDev = 1ULL << 15;     // since ABI 5, Linux 6.10
inline constexpr uint64_t kAccessFsResolveUnix = 1ULL << 16;  // since ABI 9, Linux 7.1

// The rights that a rule on something other than a directory may carry; the kernel answers
// EINVAL to any other.
inline constexpr uint64_t kAccessFsOfFiles = kAccessFsExecute | kAccessFsWriteFile |
                                             kAccessFsReadFile | kAccessFsTruncate |
                                             kAccessFsIoctlDev | kAccessFsResolveUnix;

// Network rights: handled_access_net and NetPortAttr::allowed_access.
inline constexpr uint64_t kAccessNetBindTcp = 1ULL << 0;         // since ABI 4, Linux 6.7
inline constexpr uint64_t kAccessNetConnectTcp = 1ULL << 1;      // since ABI 4, Linux 6.7
inline constexpr uint64_t kAccessNetBindUdp = 1ULL << 2;         // since ABI 10, Linux 7.2
inline constexpr uint64_t kAccessNetConnectSendUdp = 1ULL << 3;  // since ABI 10, Linux 7.2

// Scopes: no rule can open them again.
inline constexpr uint64_t kScopeAbstractUnixSocket = 1ULL << 0;  // since ABI 6, Linux 6.12
inline constexpr uint64_t kScopeSignal = 1ULL << 1;              // since ABI 6, Linux 6.12

// Rule types of landlock_add_rule().
inline constexpr int kRulePathBeneath = 1;  // since ABI 1, Linux 5.13
inline constexpr int kRuleNetPort = 2;      // since ABI 4, Linux 6.7

// Flags of landlock_restrict_self().
inline constexpr uint32_t kRestrictSelfLogSameExecOff = 1U << 0;    // since ABI 7, Linux 6.15
inline constexpr uint32_t kRestrictSelfLogNewExecOn = 1U << 1;      // since ABI 7, Linux 6.15
inline constexpr uint32_t kRestrictSelfLogSubdomainsOff = 1U << 2;  // since ABI 7, Linux 6.15
inline constexpr uint32_t kRestrictSelfTsync = 1U << 3;             // since ABI 8, Linux 7.0

// A kernel accepts a longer structure than it knows when the rest is zero.
struct RulesetAttr {
  uint64_t handled_access_fs;   // since ABI 1, Linux 5.13
  uint64_t handled_access_net;  // since ABI 4, Linux 6.7
  uint64_t scoped;              // since ABI 6, Linux 6.12
};
static_assert(sizeof(RulesetAttr) == 24);
static_assert(offsetof(RulesetAttr, handled_access_net) == 8);
static_assert(offsetof(RulesetAttr, scoped) == 16);

// Packed in the kernel's header as well.
struct __attribute__((packed)) PathBeneathAttr {
  uint64_t allowed_access;
  int32_t parent_fd;
};
static_assert(sizeof(PathBeneathAttr) == 12);

struct NetPortAttr {
  uint64_t allowed_access;
  uint64_t port;  // host byte order
};
static_assert(sizeof(NetPortAttr) == 16);

}  // namespace sandbox::uapi::landlock

#endif  // LIB_UAPI_LANDLOCK_H_
