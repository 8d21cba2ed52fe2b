#include "lib/seccomp/prebuilt.h"

namespace sandbox::seccomp {
namespace {

#include "lib/seccomp/prebuilt.inc"

}  // namespace

absl::Span<const sock_filter> PrebuiltFilter(Variant variant) {
  switch (variant) {
    case Variant::kUnixOnly:
      return kFilter0;
    case Variant::kNoNamespaces:
      return kFilter1;
    case Variant::kUnixGuarded:
      return kFilter2;
    case Variant::kInet:
      return kFilter3;
    case Variant::kInetGuarded:
      return kFilter4;
    case Variant::kInetNoNamespaces:
      return kFilter5;
    case Variant::kNetworkFloor:
      return kFilter6;
  }
  return kFilter1;
}

}  // namespace sandbox::seccomp
