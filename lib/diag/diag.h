// What a tool tells its user: one line each, on stderr.

#ifndef LIB_DIAG_DIAG_H_
#define LIB_DIAG_DIAG_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sandbox::diag {

// Bytes that a terminal could take for a command, and those that are no printable ASCII or UTF-8
// continuation, as \xNN; the rest as it is.
std::string Escape(absl::string_view text);

// Writes "TOOL: message" lines, each by one write(2). For tools only: libraries return.
class Diag {
 public:
  explicit Diag(absl::string_view tool) : tool_(tool) {}

  // A wrong command line; returns kSetUpFailed.
  int Usage(const absl::Status& status) const;
  // A failure; returns kSetUpFailed.
  int Fatal(const absl::Status& status) const;
  // Something the user should know.
  void Notice(absl::string_view text) const;
  // `text` as it is, on stdout; for --help and --version. Returns 0, or kSetUpFailed when it could
  // not be written.
  int Print(absl::string_view text) const;

 private:
  std::string tool_;
};

}  // namespace sandbox::diag

#endif  // LIB_DIAG_DIAG_H_
