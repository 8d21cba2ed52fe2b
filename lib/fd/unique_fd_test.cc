#include "lib/fd/unique_fd.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "gtest/gtest.h"

namespace sandbox {
namespace {

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

UniqueFd OpenNull() { return UniqueFd(open("/dev/null", O_RDWR | O_CLOEXEC)); }

TEST(UniqueFd, ClosesOnDestruction) {
  int number = -1;
  {
    const UniqueFd fd = OpenNull();
    number = fd.get();
    EXPECT_TRUE(IsOpen(number));
  }
  EXPECT_FALSE(IsOpen(number));
}

TEST(UniqueFd, SelfMoveKeepsDescriptorOpen) {
  UniqueFd fd = OpenNull();
  UniqueFd& alias = fd;
  fd = std::move(alias);
  ASSERT_TRUE(fd.ok());
  EXPECT_TRUE(IsOpen(fd.get()));
}

TEST(UniqueFd, MoveAssignmentClosesTheOldOne) {
  UniqueFd a = OpenNull();
  UniqueFd b = OpenNull();
  const int old = a.get();
  const int kept = b.get();
  a = std::move(b);
  EXPECT_FALSE(IsOpen(old));
  EXPECT_EQ(a.get(), kept);
}

TEST(UniqueFd, ReleaseTwiceGivesTheNumberOnce) {
  UniqueFd fd = OpenNull();
  const int number = fd.release();
  EXPECT_TRUE(IsOpen(number));
  EXPECT_EQ(fd.release(), -1);
  close(number);
}

TEST(UniqueFd, ClosingKeepsErrno) {
  UniqueFd fd = OpenNull();
  close(fd.get());
  errno = ENOTTY;
  fd.reset();
  EXPECT_EQ(errno, ENOTTY);
}

TEST(UniqueFd, NormalisesNegativeNumbers) {
  const UniqueFd fd(-7);
  EXPECT_FALSE(fd.ok());
  EXPECT_EQ(fd.get(), -1);
}

TEST(UniqueFd, DupIsCloseOnExecAndNotStdio) {
  const UniqueFd fd = OpenNull();
  const auto copy = fd.Dup();
  ASSERT_TRUE(copy.ok());
  EXPECT_GE(copy->get(), 3);
  EXPECT_EQ(fcntl(copy->get(), F_GETFD), FD_CLOEXEC);
}

TEST(UniqueFd, DupOfNothingIsAnError) { EXPECT_FALSE(UniqueFd().Dup().ok()); }

}  // namespace
}  // namespace sandbox
