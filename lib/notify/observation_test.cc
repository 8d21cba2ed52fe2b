#include "lib/notify/observation.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace sandbox::notify {
namespace {

// A notification about this very process.
seccomp_notif About(int call, uint64_t a0, uint64_t a1, uint64_t a2 = 0) {
  seccomp_notif n = {};
  n.pid = static_cast<uint32_t>(getpid());
  n.data.nr = call;
  n.data.args[0] = a0;
  n.data.args[1] = a1;
  n.data.args[2] = a2;
  return n;
}

uint64_t Address(const void* p) { return reinterpret_cast<uint64_t>(p); }

TEST(Observe, CopiesPathAndDirectory) {
  const auto o = Observe(About(SYS_openat, AT_FDCWD, Address("some/file"), O_RDONLY));
  EXPECT_TRUE(o.readable);
  EXPECT_EQ(o.path, "some/file");
  char cwd[4096];
  EXPECT_EQ(o.directory, getcwd(cwd, sizeof cwd));
  EXPECT_FALSE(o.exe.empty());
}

TEST(Observe, CopiesArgv) {
  const char* argv[] = {"make", "-j8", nullptr};
  const auto o = Observe(About(SYS_execve, Address("/usr/bin/make"), Address(argv)));
  EXPECT_EQ(o.argv, (std::vector<std::string>{"make", "-j8"}));
}

TEST(Observe, SaysWhenMemoryCannotBeRead) {
  EXPECT_FALSE(Observe(About(SYS_openat, AT_FDCWD, 8)).readable);
}

TEST(Observe, CutsAnEndlessPath) {
  const std::string path(10000, 'x');
  const auto o = Observe(About(SYS_open, Address(path.c_str()), 0));
  EXPECT_EQ(o.path.size(), 4096u);
}

TEST(Observation, RoundTripKeepsItsContent) {
  Observation o;
  o.thread = 12;
  o.call = SYS_execve;
  o.arguments[5] = 9;
  o.path = std::string("a\0\n", 3);
  o.argv = {"", "b"};
  o.exe = "/x";
  o.decided = true;
  o.result = -13;
  const auto back = Decode(Encode(o));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->path, o.path);
  EXPECT_EQ(back->argv, o.argv);
  EXPECT_EQ(back->arguments[5], 9u);
  EXPECT_EQ(back->result, -13);
  EXPECT_TRUE(back->decided);
}

TEST(Observation, IsRefusedWhenCutAnywhere) {
  Observation o;
  o.argv = {"abc"};
  const std::string bytes = Encode(o);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Decode(bytes.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(Decode(bytes + "x").ok());
}

}  // namespace
}  // namespace sandbox::notify
