#include "lib/fd/message.h"

#include <fcntl.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace sandbox {
namespace {

TEST(Message, CarriesDataAndDescriptors) {
  auto pair = MakeSocketPair();
  ASSERT_TRUE(pair.ok());
  int pipe_fds[2];
  ASSERT_EQ(pipe2(pipe_fds, O_CLOEXEC), 0);
  const UniqueFd reader(pipe_fds[0]);
  const UniqueFd writer(pipe_fds[1]);
  ASSERT_TRUE(SendMessage(pair->first.get(), "hello", {writer.get()}).ok());
  auto message = ReceiveMessage(pair->second.get(), 16);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->data, "hello");
  ASSERT_EQ(message->fds.size(), 1u);
  EXPECT_EQ(fcntl(message->fds[0].get(), F_GETFD), FD_CLOEXEC);
  ASSERT_EQ(write(message->fds[0].get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(read(reader.get(), &byte, 1), 1);
}

TEST(Message, RefusesOneThatIsTooLong) {
  auto pair = MakeSocketPair();
  ASSERT_TRUE(pair.ok());
  ASSERT_TRUE(SendMessage(pair->first.get(), "hello").ok());
  EXPECT_EQ(ReceiveMessage(pair->second.get(), 4).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Message, SaysWhenThePeerIsGone) {
  auto pair = MakeSocketPair();
  ASSERT_TRUE(pair.ok());
  pair->first.reset();
  EXPECT_TRUE(absl::IsUnavailable(ReceiveMessage(pair->second.get(), 4).status()));
  EXPECT_FALSE(SendMessage(pair->second.get(), "x").ok());
}

}  // namespace
}  // namespace sandbox
