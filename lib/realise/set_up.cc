#include "lib/realise/set_up.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <linux/futex.h>
#include <new>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/status.h"

namespace sandbox::realise {
namespace {

int64_t Futex(std::atomic<uint32_t>* word, int operation, uint32_t value) noexcept {
  return syscall(SYS_futex, word, operation, value, nullptr, nullptr, 0);
}

}  // namespace

void Event::Set(uint32_t value) noexcept {
  value_.store(value, std::memory_order_release);
  Futex(&value_, FUTEX_WAKE, INT_MAX);
}

uint32_t Event::Wait() noexcept {
  uint32_t seen = 0;
  while ((seen = value()) == 0) Futex(&value_, FUTEX_WAIT, 0);
  return seen;
}

void SetUp::Fail(const absl::Status& status) noexcept {
  if (failure[0] != '\0') return;
  const absl::string_view text = status.message();
  const size_t size = std::min(text.size(), sizeof failure - 1);
  memcpy(failure, text.data(), size);
  failure[size] = '\0';
}

void SetUpDeleter::operator()(SetUp* page) const noexcept { munmap(page, sizeof *page); }

absl::StatusOr<SetUpPage> MapSetUp() {
  void* memory =
      mmap(nullptr, sizeof(SetUp), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return ErrnoError(errno, "mmap");
  return SetUpPage(new (memory) SetUp);
}

}  // namespace sandbox::realise
