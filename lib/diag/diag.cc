#include "lib/diag/diag.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/diag/exit_codes.h"

namespace sandbox::diag {

std::string Escape(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && byte < 0xa0)) {
      absl::StrAppendFormat(&out, "\\x%02x", byte);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

int Diag::Usage(const absl::Status& status) const {
  Notice(absl::StrCat(status.message(), " (see ", tool_, " --help)"));
  return kSetUpFailed;
}

int Diag::Fatal(const absl::Status& status) const {
  Notice(status.message());
  return kSetUpFailed;
}

void Diag::Notice(absl::string_view text) const {
  const std::string line = absl::StrCat(tool_, ": ", Escape(text), "\n");
  WriteAllSignalSafe(2, line.data(), line.size());
}

int Diag::Print(absl::string_view text) const {
  return WriteAllSignalSafe(1, text.data(), text.size()) == 0 ? 0 : kSetUpFailed;
}

}  // namespace sandbox::diag
