// Running programs as an ordinary user in a test that runs as root.

#ifndef LIB_TESTING_UNPRIVILEGED_H_
#define LIB_TESTING_UNPRIVILEGED_H_

#include <sys/types.h>

#include "lib/testing/command.h"

namespace sandbox::testing {

// The uid and gid; needs no entry in the user database.
inline constexpr uid_t kOrdinaryUser = 1000;

// Whether the test's effective user is root.
bool IsRoot();

// `spec` as kOrdinaryUser, without groups, when the test is root; else `spec` as it is, since the
// test is an ordinary user already. What the program reads must be reachable for that user: see
// TempDir::Make(name, true). Needs Feature::kSwitchUser.
CommandSpec AsOrdinaryUser(CommandSpec spec);

}  // namespace sandbox::testing

#endif  // LIB_TESTING_UNPRIVILEGED_H_
