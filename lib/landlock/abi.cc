#include "lib/landlock/abi.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "lib/base/status.h"
#include "lib/uapi/landlock.h"

namespace sandbox::landlock {

absl::StatusOr<Abi> ProbeAbi() {
  const long version = syscall(uapi::landlock::kNrCreateRuleset, nullptr, 0UL,
                               uapi::landlock::kCreateRulesetVersion);
  if (version < 0) {
    const int err = errno;
    const absl::Status status = ErrnoError(err, "landlock_create_ruleset", "version");
    switch (err) {
      case ENOSYS:
        return Annotate(status, "this kernel has no Landlock (it needs Linux 5.13 or newer, "
                                "built with CONFIG_SECURITY_LANDLOCK)");
      case EOPNOTSUPP:
        return Annotate(status, "Landlock is built in but was disabled at boot (add landlock to "
                                "the kernel's lsm= parameter)");
      default:
        return status;
    }
  }
  if (version == 0) {
    return absl::InternalError("landlock_create_ruleset(version): the kernel answered ABI 0");
  }
  // A kernel without the errata flag answers EINVAL: none is known to be fixed.
  const long errata = syscall(uapi::landlock::kNrCreateRuleset, nullptr, 0UL,
                              uapi::landlock::kCreateRulesetErrata);
  return Abi{.version = static_cast<int>(version),
             .errata = errata < 0 ? 0 : static_cast<int>(errata)};
}

}  // namespace sandbox::landlock
