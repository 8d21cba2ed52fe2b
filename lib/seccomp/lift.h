// Which calls of the default filter a user may have back, and the filter with them.

#ifndef LIB_SECCOMP_LIFT_H_
#define LIB_SECCOMP_LIFT_H_

#include <cstdint>
#include <vector>

#include "lib/seccomp/policy.h"
#include "lib/seccomp/prebuilt.h"

namespace sandbox::seccomp {

// Why call `number` must stay as the default filter has it, in words that follow "cannot be
// allowed: "; null when it may be lifted, or the filter has no rule for it.
const char* WhyNotLifted(Variant variant, uint32_t number);

// Whether the default filter refuses the call whatever its arguments.
bool IsRefusedWhole(Variant variant, uint32_t number);

// The default filter with `allowed` before it: rules that answer kAllow to calls that may be lifted.
Policy Lifted(Variant variant, std::vector<Rule> allowed);

}  // namespace sandbox::seccomp

#endif  // LIB_SECCOMP_LIFT_H_
