#include "lib/fd/memfd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace sandbox {
namespace {

TEST(SealedMemfd, GivesBackWhatWasPutIn) {
  const auto fd = MakeSealedMemfd("test", absl::string_view("a\0b", 3));
  ASSERT_TRUE(fd.ok());
  EXPECT_EQ(ReadSealedMemfd(fd->get(), 3).value(), std::string("a\0b", 3));
}

TEST(SealedMemfd, CannotBeWritten) {
  const auto fd = MakeSealedMemfd("test", "abc");
  ASSERT_TRUE(fd.ok());
  EXPECT_EQ(write(fd->get(), "x", 1), -1);
  EXPECT_EQ(ftruncate(fd->get(), 0), -1);
  EXPECT_EQ(fcntl(fd->get(), F_ADD_SEALS, F_SEAL_WRITE), -1);
}

TEST(SealedMemfd, RefusesOneByteTooMany) {
  const auto fd = MakeSealedMemfd("test", "abcd");
  ASSERT_TRUE(fd.ok());
  EXPECT_FALSE(ReadSealedMemfd(fd->get(), 3).ok());
}

TEST(SealedMemfd, RefusesAnUnsealedOne) {
  const UniqueFd fd(memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  EXPECT_EQ(ReadSealedMemfd(fd.get(), 9).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(SealedMemfd, RefusesOtherFilesAndClosedNumbers) {
  const UniqueFd fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(ReadSealedMemfd(fd.get(), 9).ok());
  EXPECT_FALSE(ReadSealedMemfd(1000000, 9).ok());
}

}  // namespace
}  // namespace sandbox
