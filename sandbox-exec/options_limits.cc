#include "sandbox-exec/options_limits.h"

#include <algorithm>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace sandbox::exec_tool {
namespace {

// Longer is no time limit; far below what a timer can be set to.
constexpr absl::Duration kLongest = absl::Hours(24 * 366 * 10);

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

absl::Status Bad(const cli::Given& given, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("--", given.option->name, " needs ", what, ", not ", given.value));
}

absl::StatusOr<uint64_t> ParseCount(const cli::Given& given) {
  uint64_t count = 0;
  const bool digits = std::all_of(given.value.begin(), given.value.end(), IsDigit);
  if (!digits || !absl::SimpleAtoi(given.value, &count) || count == 0) {
    return Bad(given, "a number from 1 on");
  }
  return count;
}

absl::StatusOr<uint64_t> ParseSize(const cli::Given& given) {
  constexpr absl::string_view kWhat = "a number of bytes, with K, M or G as unit if any";
  absl::string_view number = given.value;
  int shift = 0;
  if (!number.empty() && !IsDigit(number.back())) {
    switch (number.back()) {
      case 'K': shift = 10; break;
      case 'M': shift = 20; break;
      case 'G': shift = 30; break;
      default: return Bad(given, kWhat);
    }
    number.remove_suffix(1);
  }
  uint64_t size = 0;
  if (!std::all_of(number.begin(), number.end(), IsDigit) || !absl::SimpleAtoi(number, &size)) {
    return Bad(given, kWhat);
  }
  // The largest number means "unlimited" to the kernel.
  if (size > (std::numeric_limits<uint64_t>::max() >> shift) - 1) return Bad(given, "a smaller size");
  return size << shift;
}

absl::StatusOr<absl::Duration> ParseTime(const cli::Given& given) {
  constexpr absl::string_view kWhat = "a duration such as 90s, 1.5h or 500ms";
  std::string text = given.value;
  if (text.empty() || !IsDigit(text.front())) return Bad(given, kWhat);
  if (IsDigit(text.back())) text += "s";
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration)) return Bad(given, kWhat);
  if (duration < absl::Milliseconds(1) || duration > kLongest) {
    return Bad(given, "a duration from 1ms to ten years");
  }
  return duration;
}

}  // namespace

absl::StatusOr<bool> TakeLimitOption(const cli::Given& given, LimitOptions* options) {
  if (given.Is("open-files")) {
    ASSIGN_OR_RETURN(options->open_files, ParseCount(given));
  } else if (given.Is("processes")) {
    ASSIGN_OR_RETURN(options->processes, ParseCount(given));
  } else if (given.Is("file-size")) {
    ASSIGN_OR_RETURN(options->file_size, ParseSize(given));
  } else if (given.Is("address-space")) {
    ASSIGN_OR_RETURN(options->address_space, ParseSize(given));
  } else if (given.Is("timeout")) {
    ASSIGN_OR_RETURN(options->timeout, ParseTime(given));
  } else if (given.Is("kill-after")) {
    ASSIGN_OR_RETURN(options->kill_after, ParseTime(given));
  } else {
    return false;
  }
  return true;
}

}  // namespace sandbox::exec_tool
