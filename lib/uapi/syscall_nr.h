// The architecture's facts in one table: what a filter must know about x86-64, and the system
// calls that are newer than Debian 12's headers (Linux, arch/x86/entry/syscalls/syscall_64.tbl).
// A port to another architecture starts here.

#ifndef LIB_UAPI_SYSCALL_NR_H_
#define LIB_UAPI_SYSCALL_NR_H_

#include <linux/audit.h>

#include <cstdint>

namespace sandbox::uapi {

#if !defined(__x86_64__) || defined(__ILP32__)
#error "only x86-64 is described here"
#endif

// What seccomp_data::arch holds for calls of the native kind (x32 has the same value).
inline constexpr uint32_t kNativeAuditArch = AUDIT_ARCH_X86_64;
// int $0x80 and i386 programs.
inline constexpr uint32_t kI386AuditArch = AUDIT_ARCH_I386;
// Set in the number of every x32 call.
inline constexpr uint32_t kX32Bit = 0x40000000U;

// The numbers in use are 0 to kLastOldNr and kFirstNewNr to kLastKnownNr. 512 to 547 are x32's
// only. A number above is a call that this release has not judged.
inline constexpr uint32_t kLastOldNr = 336;
inline constexpr uint32_t kFirstNewNr = 424;
inline constexpr uint32_t kLastKnownNr = 469;

struct NewerSyscall {
  uint32_t nr;
  const char* name;
};

inline constexpr uint32_t kNrUretprobe = 335;
inline constexpr uint32_t kNrUprobe = 336;
inline constexpr uint32_t kNrCachestat = 451;
inline constexpr uint32_t kNrFchmodat2 = 452;
inline constexpr uint32_t kNrMapShadowStack = 453;
inline constexpr uint32_t kNrFutexWake = 454;
inline constexpr uint32_t kNrFutexWait = 455;
inline constexpr uint32_t kNrFutexRequeue = 456;
inline constexpr uint32_t kNrStatmount = 457;
inline constexpr uint32_t kNrListmount = 458;
inline constexpr uint32_t kNrLsmGetSelfAttr = 459;
inline constexpr uint32_t kNrLsmSetSelfAttr = 460;
inline constexpr uint32_t kNrLsmListModules = 461;
inline constexpr uint32_t kNrMseal = 462;
inline constexpr uint32_t kNrSetxattrat = 463;
inline constexpr uint32_t kNrGetxattrat = 464;
inline constexpr uint32_t kNrListxattrat = 465;
inline constexpr uint32_t kNrRemovexattrat = 466;
inline constexpr uint32_t kNrOpenTreeAttr = 467;
inline constexpr uint32_t kNrFileGetattr = 468;
inline constexpr uint32_t kNrFileSetattr = 469;

// The names of the above, for diagnostics.
inline constexpr NewerSyscall kNewerSyscalls[] = {
    {kNrUretprobe, "uretprobe"},                 // since Linux 6.11
    {kNrUprobe, "uprobe"},                       // since Linux 6.18
    {kNrCachestat, "cachestat"},                 // since Linux 6.5
    {kNrFchmodat2, "fchmodat2"},                 // since Linux 6.6
    {kNrMapShadowStack, "map_shadow_stack"},     // since Linux 6.6
    {kNrFutexWake, "futex_wake"},                // since Linux 6.7
    {kNrFutexWait, "futex_wait"},                // since Linux 6.7
    {kNrFutexRequeue, "futex_requeue"},          // since Linux 6.7
    {kNrStatmount, "statmount"},                 // since Linux 6.8
    {kNrListmount, "listmount"},                 // since Linux 6.8
    {kNrLsmGetSelfAttr, "lsm_get_self_attr"},    // since Linux 6.8
    {kNrLsmSetSelfAttr, "lsm_set_self_attr"},    // since Linux 6.8
    {kNrLsmListModules, "lsm_list_modules"},     // since Linux 6.8
    {kNrMseal, "mseal"},                         // since Linux 6.10
    {kNrSetxattrat, "setxattrat"},               // since Linux 6.13
    {kNrGetxattrat, "getxattrat"},               // since Linux 6.13
    {kNrListxattrat, "listxattrat"},             // since Linux 6.13
    {kNrRemovexattrat, "removexattrat"},         // since Linux 6.13
    {kNrOpenTreeAttr, "open_tree_attr"},         // since Linux 6.15
    {kNrFileGetattr, "file_getattr"},            // since Linux 6.17
    {kNrFileSetattr, "file_setattr"},            // since Linux 6.17
};

}  // namespace sandbox::uapi

#endif  // LIB_UAPI_SYSCALL_NR_H_
