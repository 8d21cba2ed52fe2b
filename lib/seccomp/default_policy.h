// The filters that every command of a kind gets; compiled when the tools are built.

#ifndef LIB_SECCOMP_DEFAULT_POLICY_H_
#define LIB_SECCOMP_DEFAULT_POLICY_H_

#include "lib/seccomp/policy.h"
#include "lib/seccomp/prebuilt.h"

namespace sandbox::seccomp {

// The policy of `variant`; prebuilt.h says what each is for.
Policy DefaultPolicy(Variant variant);

}  // namespace sandbox::seccomp

#endif  // LIB_SECCOMP_DEFAULT_POLICY_H_
