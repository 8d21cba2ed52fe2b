// Ownership of one file descriptor.

#ifndef LIB_FD_UNIQUE_FD_H_
#define LIB_FD_UNIQUE_FD_H_

#include "absl/status/statusor.h"

namespace sandbox {

// Owns a descriptor and closes it on destruction. Move-only; a moved-from or default object
// owns nothing. Closing keeps errno and never retries: on Linux a close() that reports EINTR has
// closed (close(2)). Not thread-safe.
class UniqueFd {
 public:
  UniqueFd() = default;
  // Takes ownership of `fd`; any negative number owns nothing.
  explicit UniqueFd(int fd) : fd_(fd < 0 ? -1 : fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  // The number, still owned here; -1 when nothing is owned.
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

  // Gives ownership away; the caller closes.
  [[nodiscard]] int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

  // Closes what is owned and takes `fd`. Resetting to the descriptor already owned is a bug.
  void reset(int fd = -1);

  // A second descriptor of the same open file, close-on-exec, numbered 3 or more.
  // Errors: EBADF, EMFILE with errno attached.
  absl::StatusOr<UniqueFd> Dup() const;

 private:
  int fd_ = -1;
};

// As UniqueFd::Dup(), for a descriptor that is only borrowed.
absl::StatusOr<UniqueFd> DupFd(int fd);

}  // namespace sandbox

#endif  // LIB_FD_UNIQUE_FD_H_
