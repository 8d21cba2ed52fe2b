#include "lib/base/raw_io_signal_safe.h"

#include <cerrno>
#include <unistd.h>

namespace sandbox {

int WriteAllSignalSafe(int fd, const void* data, size_t size) noexcept {
  const int saved = errno;
  const char* next = static_cast<const char*>(data);
  int result = 0;
  while (size > 0) {
    const ssize_t n = write(fd, next, size);
    if (n < 0) {
      if (errno == EINTR) continue;
      result = errno;
      break;
    }
    next += n;
    size -= static_cast<size_t>(n);
  }
  errno = saved;
  return result;
}

ptrdiff_t ReadAllSignalSafe(int fd, void* data, size_t size, int* err) noexcept {
  const int saved = errno;
  char* next = static_cast<char*>(data);
  size_t done = 0;
  ptrdiff_t result = 0;
  while (done < size) {
    const ssize_t n = read(fd, next + done, size - done);
    if (n == 0) break;
    if (n < 0) {
      if (errno == EINTR) continue;
      *err = errno;
      result = -1;
      break;
    }
    done += static_cast<size_t>(n);
  }
  errno = saved;
  return result < 0 ? result : static_cast<ptrdiff_t>(done);
}

}  // namespace sandbox
