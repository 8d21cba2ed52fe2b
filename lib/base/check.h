// CHECK: for our own bugs only. Input, kernel and environment never CHECK.

#ifndef LIB_BASE_CHECK_H_
#define LIB_BASE_CHECK_H_

#include <cstdlib>
#include <cstring>

#include "lib/base/raw_io_signal_safe.h"

namespace sandbox::internal {

[[noreturn]] inline void CheckFailed(const char* text) noexcept {
  WriteAllSignalSafe(2, text, strlen(text));
  abort();
}

}  // namespace sandbox::internal

#define SANDBOX_STRINGIZE_INNER_(x) #x
#define SANDBOX_STRINGIZE_(x) SANDBOX_STRINGIZE_INNER_(x)

// Aborts with file and line on stderr when `condition` is false, in every build.
#define CHECK(condition)                                                              \
  (static_cast<bool>(condition)                                                       \
       ? static_cast<void>(0)                                                         \
       : sandbox::internal::CheckFailed(__FILE__ ":" SANDBOX_STRINGIZE_(__LINE__)     \
                                        ": check failed: " #condition "\n"))

#endif  // LIB_BASE_CHECK_H_
