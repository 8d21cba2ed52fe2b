#include "lib/fd/read.h"

#include <fcntl.h>
#include <unistd.h>

#include "gtest/gtest.h"
#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"

namespace sandbox {
namespace {

// The read end of a pipe that holds `text` and has no writer.
UniqueFd PipeWith(const std::string& text) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  EXPECT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(ends[1]);
  return UniqueFd(ends[0]);
}

TEST(ReadToEnd, TakesAllUpToTheBound) {
  const std::string text("a\0b\n", 4);
  EXPECT_EQ(*ReadToEnd(PipeWith(text).get(), 4), text);
  EXPECT_EQ(*ReadToEnd(PipeWith("").get(), 4), "");
  const auto more = ReadToEnd(PipeWith(text).get(), 3);
  EXPECT_EQ(more.status().message(), "is larger than 3 bytes");
  const UniqueFd zeros(open("/dev/zero", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(ReadToEnd(zeros.get(), 1 << 20).status().message(), "is larger than 1 MiB");
}

TEST(ReadToEnd, SaysWhatTheKernelSaid) {
  const UniqueFd directory(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_EQ(GetErrno(ReadToEnd(directory.get(), 4).status()), EISDIR);
  EXPECT_EQ(GetErrno(ReadToEnd(-1, 4).status()), EBADF);
}

TEST(ReadWholeFile, NamesTheFileThatIsNotThere) {
  EXPECT_EQ(*ReadWholeFile("/dev/null", 4), "");
  EXPECT_EQ(ReadWholeFile("/nowhere", 4).status().message(),
            "open(/nowhere): No such file or directory");
}

}  // namespace
}  // namespace sandbox
