// System-call names of x86-64, by libseccomp; the only library of the project that links it.

#ifndef LIB_SECCOMP_NAMES_H_
#define LIB_SECCOMP_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace sandbox::seccomp {

// The number of `name`, none when x86-64 has no such call. Covers calls newer than libseccomp.
std::optional<uint32_t> SyscallNumber(absl::string_view name);

// The name of `nr`, none for a number that is not in use or not known.
std::optional<std::string> SyscallName(uint32_t nr);

}  // namespace sandbox::seccomp

#endif  // LIB_SECCOMP_NAMES_H_
