// What this kernel and user can do, found out by doing it.

#ifndef LIB_REALISE_PROBE_H_
#define LIB_REALISE_PROBE_H_

#include "absl/status/status.h"

namespace sandbox::realise {

// Whether strict mode is possible: a child makes user, mount and net namespaces, writes its maps and
// mounts, all of it, because some systems let the first step pass and refuse the next. Takes a fork and
// about 0.3 ms. Unavailable with the step that this kernel refuses; any other error says that it
// could not be found out, and nothing may be concluded from it.
absl::Status CanMakeNamespaces();

}  // namespace sandbox::realise

#endif  // LIB_REALISE_PROBE_H_
