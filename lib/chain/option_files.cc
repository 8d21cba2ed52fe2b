#include "lib/chain/option_files.h"

#include <unistd.h>

#include "lib/fd/read.h"

namespace sandbox::chain {
namespace {

// Of words that one line stands for.
constexpr size_t kMostBytes = 1 << 20;

}  // namespace

absl::StatusOr<std::string> OptionFiles::ReadFile(const std::string& path) {
  return ReadWholeFile(path, kMostBytes);
}

absl::StatusOr<std::string> OptionFiles::ReadDescriptor(int fd) {
  absl::StatusOr<std::string> text = ReadToEnd(fd, kMostBytes);
  if (text.ok() && fd > STDERR_FILENO) close(fd);
  return text;
}

}  // namespace sandbox::chain
