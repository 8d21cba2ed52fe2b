#include "lib/base/status.h"

#include <cerrno>

#include "gtest/gtest.h"

namespace sandbox {
namespace {

TEST(ErrnoError, NamesCallObjectAndReason) {
  const absl::Status status = ErrnoError(ENOENT, "openat", "/x");
  EXPECT_EQ(status.message(), "openat(/x): No such file or directory");
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_EQ(GetErrno(status), ENOENT);
}

TEST(ErrnoError, IsNeverOk) { EXPECT_FALSE(ErrnoError(0, "call").ok()); }

TEST(Annotate, KeepsCodeAndErrno) {
  const absl::Status status = Annotate(ErrnoError(EACCES, "mount"), "cannot enter");
  EXPECT_EQ(status.message(), "cannot enter: mount: Permission denied");
  EXPECT_TRUE(absl::IsPermissionDenied(status));
  EXPECT_EQ(GetErrno(status), EACCES);
}

TEST(Annotate, LeavesOkAlone) { EXPECT_TRUE(Annotate(absl::OkStatus(), "x").ok()); }

TEST(GetErrno, IsZeroWithoutOne) { EXPECT_EQ(GetErrno(absl::InternalError("x")), 0); }

absl::StatusOr<int> Half(int value) {
  if (value % 2 != 0) return absl::InvalidArgumentError("odd");
  return value / 2;
}

absl::StatusOr<int> Quarter(int value) {
  ASSIGN_OR_RETURN(const int half, Half(value));
  return Half(half);
}

TEST(AssignOrReturn, PassesValuesAndErrorsOn) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
}

}  // namespace
}  // namespace sandbox
