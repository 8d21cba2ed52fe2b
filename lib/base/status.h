// Errors as absl::Status, with the errno that caused them kept as a payload.
//
// A message is the failing call with its arguments ("openat(/etc/x): No such file or
// directory"); a caller branches on the code or on GetErrno(), never on the text.

#ifndef LIB_BASE_STATUS_H_
#define LIB_BASE_STATUS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sandbox {

// A non-OK status for errno `err` of `call`, about `object` (may be empty): "call(object): text".
// The code follows from `err` (ENOENT NotFound, EACCES and EPERM PermissionDenied, ENOSYS
// Unimplemented, ...; Internal for those without a match). Never returns OK, even for 0.
absl::Status ErrnoError(int err, absl::string_view call, absl::string_view object = "");

// The errno that ErrnoError() or Annotate() kept in `status`; 0 when there is none.
int GetErrno(const absl::Status& status);

// `status` with `context` and ": " before its message; code and errno stay. OK stays OK.
absl::Status Annotate(const absl::Status& status, absl::string_view context);

}  // namespace sandbox

// Returns from the enclosing function when `expr` (a Status) is not OK.
#define RETURN_IF_ERROR(expr)                            \
  do {                                                   \
    if (absl::Status status_ = (expr); !status_.ok()) {  \
      return status_;                                    \
    }                                                    \
  } while (false)

// `lhs = value of expr` (a StatusOr), or returns its status from the enclosing function.
#define ASSIGN_OR_RETURN(lhs, expr) \
  SANDBOX_ASSIGN_OR_RETURN_(SANDBOX_CONCAT_(status_or_, __LINE__), lhs, expr)
#define SANDBOX_CONCAT_INNER_(a, b) a##b
#define SANDBOX_CONCAT_(a, b) SANDBOX_CONCAT_INNER_(a, b)
#define SANDBOX_ASSIGN_OR_RETURN_(name, lhs, expr) \
  auto name = (expr);                              \
  if (!name.ok()) {                                \
    return std::move(name).status();               \
  }                                                \
  lhs = std::move(name).value()

#endif  // LIB_BASE_STATUS_H_
