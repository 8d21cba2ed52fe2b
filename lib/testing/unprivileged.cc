#include "lib/testing/unprivileged.h"

#include <unistd.h>
#include <utility>

namespace sandbox::testing {

bool IsRoot() { return geteuid() == 0; }

CommandSpec AsOrdinaryUser(CommandSpec spec) {
  if (IsRoot()) spec.user = kOrdinaryUser;
  return spec;
}

}  // namespace sandbox::testing
