// A filter as data: which system call gets which answer, by number and by what registers hold.

#ifndef LIB_SECCOMP_POLICY_H_
#define LIB_SECCOMP_POLICY_H_

#include <cstdint>
#include <linux/seccomp.h>
#include <vector>

#include "lib/uapi/syscall_nr.h"

namespace sandbox::seccomp {

// What a filter answers, as the kernel encodes it (seccomp(2)).
using Action = uint32_t;
inline constexpr Action kAllow = SECCOMP_RET_ALLOW;
inline constexpr Action kKillProcess = SECCOMP_RET_KILL_PROCESS;
inline constexpr Action kNotify = SECCOMP_RET_USER_NOTIF;
inline constexpr Action kLog = SECCOMP_RET_LOG;
constexpr Action Errno(int err) { return SECCOMP_RET_ERRNO | static_cast<uint32_t>(err); }

// A test of one argument's low half: (argument & mask) == value, or != with `differs`. The kernel
// takes every argument that is tested here as 32 bits, so the high half decides nothing.
struct Condition {
  int argument;
  uint32_t mask;
  uint32_t value;
  bool differs = false;
};

// A test of a whole argument, unsigned: (argument & mask) `compare` value. For rules that users
// write; of an int argument the kernel takes 32 bits, which is the mask 0xffffffff.
enum class Compare { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
struct WideCondition {
  int argument;
  uint64_t mask;
  Compare compare;
  uint64_t value;

  bool operator==(const WideCondition&) const = default;
};

// The answer to call `number` where all conditions hold; the first rule that matches decides.
struct Rule {
  uint32_t number;
  std::vector<Condition> conditions;
  Action action;
  std::vector<WideCondition> wide = {};

  bool IsUnconditional() const { return conditions.empty() && wide.empty(); }
};

struct Policy {
  std::vector<Rule> rules;
  Action otherwise = kAllow;             // a known call that no rule matches
  Action unknown = kAllow;               // a number above kLastKnownNr, or x32's
  Action foreign = kAllow;               // a call of another architecture (int $0x80)
};

}  // namespace sandbox::seccomp

#endif  // LIB_SECCOMP_POLICY_H_
