// System calls by what they are for: the names that lists of calls use as @name.

#ifndef LIB_SECCOMP_GROUPS_H_
#define LIB_SECCOMP_GROUPS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace sandbox::seccomp {

struct Group {
  const char* name;     // with its @
  const char* members;  // names and groups, with a space between; a member may carry conditions
};

// What every program needs to start and end; implied by an allow-list.
inline constexpr char kBaseline[] = "@baseline";

// A constant of the program. No group holds itself, and those that a group holds come before it.
absl::Span<const Group> Groups();

// The members of `name` (with its @), groups within it resolved; conditions are left in their text.
// Empty when there is no such group.
std::vector<std::string> GroupMembers(absl::string_view name);

}  // namespace sandbox::seccomp

#endif  // LIB_SECCOMP_GROUPS_H_
