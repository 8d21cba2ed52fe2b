// Named sets of Landlock file-system rights.

#ifndef LIB_LANDLOCK_ACCESS_H_
#define LIB_LANDLOCK_ACCESS_H_

#include <cstdint>

#include "lib/uapi/landlock.h"

namespace sandbox::landlock {

// What a rule allows beneath an inode. A value; combine with |, take away with Without(). Rights
// that the running kernel does not know, or that do not fit a file, are dropped by the builder.
class Access {
 public:
  constexpr explicit Access(uint64_t rights) : rights_(rights) {}
  // The LANDLOCK_ACCESS_FS_* bits.
  constexpr uint64_t rights() const { return rights_; }
  constexpr Access Without(Access other) const { return Access(rights_ & ~other.rights_); }
  friend constexpr Access operator|(Access a, Access b) { return Access(a.rights_ | b.rights_); }
  friend constexpr bool operator==(Access a, Access b) { return a.rights_ == b.rights_; }

 private:
  uint64_t rights_;
};

// Nothing; a rule for it is not made.
inline constexpr Access kNoAccess{0};
// Run programs.
inline constexpr Access kExecute{uapi::landlock::kAccessFsExecute};
// Open files for reading, list directories.
inline constexpr Access kRead{uapi::landlock::kAccessFsReadFile |
                              uapi::landlock::kAccessFsReadDir};
inline constexpr Access kReadExecute = kRead | kExecute;
// Connect to a unix socket by its path when its server is outside the domain.
inline constexpr Access kUnixConnect{uapi::landlock::kAccessFsResolveUnix};
// Write to what exists, truncate it, and ioctl() devices; creates and removes nothing.
inline constexpr Access kWriteExisting{uapi::landlock::kAccessFsWriteFile |
                                       uapi::landlock::kAccessFsTruncate |
                                       uapi::landlock::kAccessFsIoctlDev};
// Create, remove, rename and link, also from and to other directories with the same rights. Not
// devices: nobody here may make one that works, and 0:0 hides a file of a layer.
inline constexpr Access kChangeEntries{
    uapi::landlock::kAccessFsRemoveDir | uapi::landlock::kAccessFsRemoveFile |
    uapi::landlock::kAccessFsMakeDir | uapi::landlock::kAccessFsMakeReg |
    uapi::landlock::kAccessFsMakeSock | uapi::landlock::kAccessFsMakeFifo |
    uapi::landlock::kAccessFsMakeSym | uapi::landlock::kAccessFsRefer};
// Make device nodes; part of no other set.
inline constexpr Access kMakeDevices{uapi::landlock::kAccessFsMakeChar |
                                     uapi::landlock::kAccessFsMakeBlock};
// Everything else: reading and execution included.
inline constexpr Access kWrite = kReadExecute | kWriteExisting | kChangeEntries | kUnixConnect;

// All rights of ABI `version`; those of kNewestKnownAbi for a newer one.
constexpr Access AllOf(int version) {
  uint64_t rights = (kWrite | kMakeDevices).rights();
  if (version < 2) rights &= ~uapi::landlock::kAccessFsRefer;
  if (version < 3) rights &= ~uapi::landlock::kAccessFsTruncate;
  if (version < 5) rights &= ~uapi::landlock::kAccessFsIoctlDev;
  if (version < 9) rights &= ~uapi::landlock::kAccessFsResolveUnix;
  return Access(rights);
}

}  // namespace sandbox::landlock

#endif  // LIB_LANDLOCK_ACCESS_H_
