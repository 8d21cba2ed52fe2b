#include "lib/seccomp/names.h"

#include <seccomp.h>

#include <cstdlib>

#include "lib/uapi/syscall_nr.h"

namespace sandbox::seccomp {

std::optional<uint32_t> SyscallNumber(absl::string_view name) {
  for (const uapi::NewerSyscall& call : uapi::kNewerSyscalls) {
    if (name == call.name) return call.nr;
  }
  // Negative numbers are calls of other architectures, or none at all.
  const int nr =
      seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, std::string(name).c_str());
  if (nr < 0) return std::nullopt;
  return static_cast<uint32_t>(nr);
}

std::optional<std::string> SyscallName(uint32_t nr) {
  for (const uapi::NewerSyscall& call : uapi::kNewerSyscalls) {
    if (nr == call.nr) return call.name;
  }
  if ((nr & (uapi::kX32Bit | 0x80000000U)) != 0) return std::nullopt;
  char* const name =
      seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, static_cast<int>(nr));
  if (name == nullptr) return std::nullopt;
  std::string copy(name);
  free(name);
  return copy;
}

}  // namespace sandbox::seccomp
