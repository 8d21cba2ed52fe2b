// The default filters as programs, compiled when the tools were built.

#ifndef LIB_SECCOMP_PREBUILT_H_
#define LIB_SECCOMP_PREBUILT_H_

#include <linux/filter.h>

#include "absl/types/span.h"

namespace sandbox::seccomp {

enum class Variant {
  kUnixOnly,      // sockets: unix only
  kNoNamespaces,  // the same, where the host's sockets, processes and queues are all in sight: none
                  // can be connected to, and no call reaches another process's limits or queues
  kUnixGuarded,   // unix only; connect() is somebody's to decide, so no datagram sockets by path
  kInet,          // IPv4, IPv6 and unix
  kInetGuarded,
  kInetNoNamespaces,  // as kNoNamespaces, but for connect(), which Landlock and socket() hold
  kNetworkFloor,  // only what makes an own net namespace and a decided connect() tight
};
inline constexpr Variant kVariants[] = {Variant::kUnixOnly,    Variant::kNoNamespaces,
                                        Variant::kUnixGuarded, Variant::kInet,
                                        Variant::kInetGuarded, Variant::kInetNoNamespaces,
                                        Variant::kNetworkFloor};

// A constant of the program.
absl::Span<const sock_filter> PrebuiltFilter(Variant variant);

}  // namespace sandbox::seccomp

#endif  // LIB_SECCOMP_PREBUILT_H_
