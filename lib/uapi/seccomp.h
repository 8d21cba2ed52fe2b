// seccomp's kernel interface beside <linux/seccomp.h>: what is newer than Debian 12's headers, and
// the values that the project compares by number (Linux, include/uapi/linux/seccomp.h; seccomp(2),
// seccomp_unotify(2)). The notification structures are the header's own; a receiver must still ask
// the kernel for their sizes (SECCOMP_GET_NOTIF_SIZES), since they may grow.

#ifndef LIB_UAPI_SECCOMP_H_
#define LIB_UAPI_SECCOMP_H_

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>

#include <cstddef>
#include <cstdint>

namespace sandbox::uapi {

// Operations of seccomp(2).
inline constexpr unsigned kSeccompSetModeStrict = 0;      // since Linux 3.17
inline constexpr unsigned kSeccompSetModeFilter = 1;      // since Linux 3.17
inline constexpr unsigned kSeccompGetActionAvail = 2;     // since Linux 4.14
inline constexpr unsigned kSeccompGetNotifSizes = 3;      // since Linux 5.0

// Flags of SECCOMP_SET_MODE_FILTER.
inline constexpr uint32_t kSeccompFilterTsync = 1U << 0;              // since Linux 3.17
inline constexpr uint32_t kSeccompFilterLog = 1U << 1;                // since Linux 4.14
inline constexpr uint32_t kSeccompFilterSpecAllow = 1U << 2;          // since Linux 4.17
inline constexpr uint32_t kSeccompFilterNewListener = 1U << 3;        // since Linux 5.0
inline constexpr uint32_t kSeccompFilterTsyncEsrch = 1U << 4;         // since Linux 5.7
inline constexpr uint32_t kSeccompFilterWaitKillableRecv = 1U << 5;   // since Linux 5.19

// What a filter returns: action in the upper half, data (an errno, a cookie) in the lower.
inline constexpr uint32_t kSeccompRetKillProcess = 0x80000000U;  // since Linux 4.14
inline constexpr uint32_t kSeccompRetKillThread = 0x00000000U;   // since Linux 3.5
inline constexpr uint32_t kSeccompRetTrap = 0x00030000U;         // since Linux 3.5
inline constexpr uint32_t kSeccompRetErrno = 0x00050000U;        // since Linux 3.5
inline constexpr uint32_t kSeccompRetUserNotif = 0x7fc00000U;    // since Linux 5.0
inline constexpr uint32_t kSeccompRetTrace = 0x7ff00000U;        // since Linux 3.5
inline constexpr uint32_t kSeccompRetLog = 0x7ffc0000U;          // since Linux 4.14
inline constexpr uint32_t kSeccompRetAllow = 0x7fff0000U;        // since Linux 3.5
inline constexpr uint32_t kSeccompRetActionMask = 0xffff0000U;
inline constexpr uint32_t kSeccompRetDataMask = 0x0000ffffU;

// Notification: the flag of a response, the flags of ADDFD, the listener's ioctls.
inline constexpr uint32_t kSeccompUserNotifFlagContinue = 1U << 0;  // since Linux 5.5
inline constexpr uint32_t kSeccompAddFdFlagSetFd = 1U << 0;         // since Linux 5.9
inline constexpr uint32_t kSeccompAddFdFlagSend = 1U << 1;          // since Linux 5.14

inline constexpr unsigned long kSeccompIoctlNotifRecv =
    _IOWR('!', 0, struct seccomp_notif);  // since Linux 5.0
inline constexpr unsigned long kSeccompIoctlNotifSend =
    _IOWR('!', 1, struct seccomp_notif_resp);  // since Linux 5.0
inline constexpr unsigned long kSeccompIoctlNotifIdValid =
    _IOW('!', 2, uint64_t);  // since Linux 5.0; the fixed number is of Linux 5.10
inline constexpr unsigned long kSeccompIoctlNotifAddFd =
    _IOW('!', 3, struct seccomp_notif_addfd);  // since Linux 5.9
inline constexpr unsigned long kSeccompIoctlNotifSetFlags =
    _IOW('!', 4, uint64_t);  // since Linux 6.6

// A flag of kSeccompIoctlNotifSetFlags: the answer wakes the caller on the supervisor's CPU.
inline constexpr uint64_t kSeccompUserNotifFdSyncWakeUp = 1ULL << 0;  // since Linux 6.6

static_assert(sizeof(struct seccomp_data) == 64);
static_assert(offsetof(struct seccomp_data, nr) == 0);
static_assert(offsetof(struct seccomp_data, arch) == 4);
static_assert(offsetof(struct seccomp_data, instruction_pointer) == 8);
static_assert(offsetof(struct seccomp_data, args) == 16);
static_assert(sizeof(struct seccomp_notif) == 80);
static_assert(sizeof(struct seccomp_notif_resp) == 24);
static_assert(sizeof(struct seccomp_notif_addfd) == 24);
static_assert(sizeof(struct sock_filter) == 8);
static_assert(kSeccompIoctlNotifSetFlags == 0x40082104UL);

}  // namespace sandbox::uapi

#endif  // LIB_UAPI_SECCOMP_H_
