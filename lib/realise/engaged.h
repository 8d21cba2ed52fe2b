// What a confined process finds on itself.

#ifndef LIB_REALISE_ENGAGED_H_
#define LIB_REALISE_ENGAGED_H_

#include <cstdint>

namespace sandbox::realise {

// Asked of the kernel by the process that will exec the command, after it has confined itself. Plain
// data: it crosses processes in shared memory.
struct Engaged {
  int32_t landlock_abi = 0;     // 0: no ruleset was put on
  uint32_t gaps = 0;            // bit n: landlock::Gap n, asked for and not given by this kernel
  int32_t seccomp_mode = 0;     // 2: at least one filter (prctl(2), PR_GET_SECCOMP)
  int32_t no_new_privs = 0;     // PR_GET_NO_NEW_PRIVS
  uint64_t capabilities = 0;    // permitted, a bit mask
};

}  // namespace sandbox::realise

#endif  // LIB_REALISE_ENGAGED_H_
