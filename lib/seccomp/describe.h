// Filters as text, for people.

#ifndef LIB_SECCOMP_DESCRIBE_H_
#define LIB_SECCOMP_DESCRIBE_H_

#include <linux/filter.h>
#include <string>

#include "absl/types/span.h"
#include "lib/seccomp/policy.h"

namespace sandbox::seccomp {

// A rule a line, in the order in which they are judged, then what is answered to all else.
std::string TableText(const Policy& policy);

// The same as pseudo code.
std::string PseudoCode(const Policy& policy);

// The instructions, as the kernel's bpf_asm reads them.
std::string InstructionText(absl::Span<const sock_filter> program);

// The groups, a line each.
std::string GroupsText();

}  // namespace sandbox::seccomp

#endif  // LIB_SECCOMP_DESCRIBE_H_
