// Input and output without stdio, allocation or locks: for code between fork and exec, and for
// small fixed records. Safe to use in a signal handler.

#ifndef LIB_BASE_RAW_IO_SIGNAL_SAFE_H_
#define LIB_BASE_RAW_IO_SIGNAL_SAFE_H_

#include <cstddef>

namespace sandbox {

// Writes all of `size` bytes. Retries EINTR and short writes; blocks as the descriptor does.
// Returns 0, or the errno of the write that failed. The global errno is kept.
int WriteAllSignalSafe(int fd, const void* data, size_t size) noexcept;

// Reads until `size` bytes or end of file; returns the count, or -1 with *err set.
// Retries EINTR. The global errno is kept.
ptrdiff_t ReadAllSignalSafe(int fd, void* data, size_t size, int* err) noexcept;

}  // namespace sandbox

#endif  // LIB_BASE_RAW_IO_SIGNAL_SAFE_H_
