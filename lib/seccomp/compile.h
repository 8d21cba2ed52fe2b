// Policies to classic BPF, and an interpreter of the result for tests.

#ifndef LIB_SECCOMP_COMPILE_H_
#define LIB_SECCOMP_COMPILE_H_

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lib/seccomp/policy.h"

namespace sandbox::seccomp {

// Compiles to a balanced tree over ranges of numbers with one answer; arguments are loaded at the
// leaves that test them only, so that the kernel can cache the answer of all other calls.
// ResourceExhausted when it would not fit the kernel's 4096 instructions, InvalidArgument for a rule
// of more than 24 conditions.
absl::StatusOr<std::vector<sock_filter>> Compile(const Policy& policy);

// What the kernel would answer. InvalidArgument for a program that it would refuse.
absl::StatusOr<Action> Evaluate(absl::Span<const sock_filter> program, const seccomp_data& data);

// What `policy` says itself: the meaning that Compile() must keep.
Action Judge(const Policy& policy, const seccomp_data& data);

}  // namespace sandbox::seccomp

#endif  // LIB_SECCOMP_COMPILE_H_
