#include "lib/landlock/ruleset.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/status.h"

namespace sandbox::landlock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kOk = 0;

// Runs `body` in a child and returns what it returned: 0 or an errno. -1 for any other end.
int InChild(const std::function<int()>& body) {
  const pid_t pid = fork();
  if (pid == 0) _exit(body());
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

int ErrnoOf(long result) { return result < 0 ? errno : kOk; }

int OpenErrno(const std::string& path, int flags) {
  const UniqueFd fd(open(path.c_str(), flags | O_CLOEXEC, 0600));
  return fd.ok() ? kOk : errno;
}

int Enforce(const Ruleset& ruleset) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 200;
  return ruleset.Enforce().ok() ? kOk : 201;
}

class RulesetTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* base = getenv("TEST_TMPDIR");
    std::string name = absl::StrCat(base == nullptr ? "/tmp" : base, "/landlock.XXXXXX");
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    for (const char* dir : {"in", "out", "read"}) {
      ASSERT_EQ(mkdir(Path(dir).c_str(), 0700), 0);
      ASSERT_EQ(OpenErrno(Path(absl::StrCat(dir, "/file")), O_WRONLY | O_CREAT), kOk);
    }
    absl::StatusOr<Abi> abi = ProbeAbi();
    ASSERT_TRUE(abi.ok()) << abi.status();
    abi_ = *abi;
  }

  std::string Path(const std::string& name) const { return absl::StrCat(root_, "/", name); }

  UniqueFd PathFd(const std::string& name) const {
    return UniqueFd(open(Path(name).c_str(), O_PATH | O_CLOEXEC));
  }

  // "in" may be written, "read" may be read, all else is denied.
  absl::StatusOr<Ruleset> UsualRuleset() {
    const UniqueFd in = PathFd("in");
    const UniqueFd read = PathFd("read");
    RulesetBuilder builder(abi_);
    builder.AllowBeneath(in.get(), kWrite).AllowBeneath(read.get(), kRead);
    return std::move(builder).Build();
  }

  // The result of `body` without and with the usual ruleset.
  std::pair<int, int> FreeAndConfined(const std::function<int()>& body) {
    absl::StatusOr<Ruleset> ruleset = UsualRuleset();
    if (!ruleset.ok()) return {-2, -2};
    const int confined = InChild([&] {
      const int err = Enforce(*ruleset);
      return err != kOk ? err : body();
    });
    return {InChild(body), confined};
  }

  std::string root_;
  Abi abi_;
};

TEST_F(RulesetTest, ProbeGivesAnAbi) {
  EXPECT_GE(abi_.version, 1);
  EXPECT_GE(abi_.errata, 0);
}

TEST_F(RulesetTest, DeniesWritingOutsideAndAllowsItInside) {
  EXPECT_EQ(FreeAndConfined([&] { return OpenErrno(Path("out/file"), O_WRONLY); }),
            std::make_pair(kOk, EACCES));
  EXPECT_EQ(FreeAndConfined([&] { return OpenErrno(Path("in/file"), O_RDWR); }),
            std::make_pair(kOk, kOk));
}

TEST_F(RulesetTest, DeniesReadingOutside) {
  EXPECT_EQ(FreeAndConfined([&] { return OpenErrno(Path("out/file"), O_RDONLY); }),
            std::make_pair(kOk, EACCES));
  EXPECT_EQ(FreeAndConfined([&] { return OpenErrno(Path("out"), O_RDONLY | O_DIRECTORY); }),
            std::make_pair(kOk, EACCES));
}

TEST_F(RulesetTest, ReadGrantAllowsNoWriteTruncateOrCreation) {
  EXPECT_EQ(FreeAndConfined([&] { return OpenErrno(Path("read/file"), O_RDONLY); }),
            std::make_pair(kOk, kOk));
  EXPECT_EQ(FreeAndConfined([&] { return OpenErrno(Path("read/file"), O_WRONLY); }),
            std::make_pair(kOk, EACCES));
  EXPECT_EQ(FreeAndConfined([&] { return ErrnoOf(truncate(Path("read/file").c_str(), 0)); }),
            std::make_pair(kOk, abi_.version >= 3 ? EACCES : kOk));
  EXPECT_EQ(FreeAndConfined([&] { return ErrnoOf(mkfifo(Path("read/p").c_str(), 0600)); }).second,
            EACCES);
}

TEST_F(RulesetTest, WriteGrantAllowsToCreateRenameAndRemove) {
  const auto body = [&] {
    const std::string dir = Path("in/dir");
    if (mkdir(dir.c_str(), 0700) != 0) return errno;
    if (symlink("x", (dir + "/link").c_str()) != 0) return errno;
    if (rename(Path("in/file").c_str(), (dir + "/moved").c_str()) != 0) return errno;
    if (truncate((dir + "/moved").c_str(), 5) != 0) return errno;
    if (rename((dir + "/moved").c_str(), Path("in/file").c_str()) != 0) return errno;
    if (unlink((dir + "/link").c_str()) != 0) return errno;
    return ErrnoOf(rmdir(dir.c_str()));
  };
  const int expected = abi_.version >= 2 ? kOk : EXDEV;
  EXPECT_EQ(FreeAndConfined(body), std::make_pair(kOk, expected));
}

TEST_F(RulesetTest, RuleOnAFileTakesOnlyFileRights) {
  const UniqueFd file = PathFd("out/file");
  RulesetBuilder builder(abi_);
  builder.AllowBeneath(file.get(), kWrite);
  const absl::StatusOr<Ruleset> ruleset = std::move(builder).Build();
  ASSERT_TRUE(ruleset.ok()) << ruleset.status();
  const auto confined = [&](const std::string& path) {
    return InChild([&] {
      const int err = Enforce(*ruleset);
      return err != kOk ? err : OpenErrno(Path(path), O_WRONLY);
    });
  };
  EXPECT_EQ(confined("out/file"), kOk);
  EXPECT_EQ(confined("in/file"), EACCES);
}

TEST_F(RulesetTest, ExecutionNeedsItsOwnRight) {
  const auto run = [&](Access access) {
    const UniqueFd slash(open("/", O_PATH | O_CLOEXEC));
    RulesetBuilder builder(abi_);
    builder.AllowBeneath(slash.get(), access);
    const absl::StatusOr<Ruleset> ruleset = std::move(builder).Build();
    return InChild([&] {
      const int err = Enforce(*ruleset);
      if (err != kOk) return err;
      char name[] = "/bin/true";
      char* const argv[] = {name, nullptr};
      execve(name, argv, nullptr);
      return errno;
    });
  };
  EXPECT_EQ(run(kReadExecute), kOk);
  EXPECT_EQ(run(kRead), EACCES);
}

TEST_F(RulesetTest, TcpIsDeniedExceptAllowedPorts) {
  if (abi_.version < 4) GTEST_SKIP() << "Landlock ABI " << abi_.version;
  // Port 0 lets the kernel choose; it is a port of its own for Landlock.
  const auto bind_any = [] {
    const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    struct sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ErrnoOf(
        bind(fd.get(), reinterpret_cast<const struct sockaddr*>(&address), sizeof(address)));
  };
  const auto confined = [&](bool allow) {
    RulesetBuilder builder(abi_);
    builder.DenyTcp();
    if (allow) builder.AllowTcpBind(0);
    const absl::StatusOr<Ruleset> ruleset = std::move(builder).Build();
    return InChild([&] {
      const int err = Enforce(*ruleset);
      return err != kOk ? err : bind_any();
    });
  };
  EXPECT_EQ(InChild(bind_any), kOk);
  EXPECT_EQ(confined(true), kOk);
  EXPECT_EQ(confined(false), EACCES);
}

TEST_F(RulesetTest, ScopesKeepSignalsAndAbstractSocketsInside) {
  if (abi_.version < 6) GTEST_SKIP() << "Landlock ABI " << abi_.version;
  struct sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string name = absl::StrCat("landlock-test-", getpid());
  memcpy(address.sun_path + 1, name.data(), name.size());
  const UniqueFd server(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* sockaddr = reinterpret_cast<const struct sockaddr*>(&address);
  ASSERT_EQ(bind(server.get(), sockaddr, sizeof(address)), 0);
  ASSERT_EQ(listen(server.get(), 4), 0);
  const auto reach = [&] {
    const UniqueFd client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ErrnoOf(connect(client.get(), sockaddr, sizeof(address)));
  };
  const auto signal_parent = [] { return ErrnoOf(kill(getppid(), 0)); };
  RulesetBuilder builder(abi_);
  builder.ScopeAbstractUnix().ScopeSignals();
  const absl::StatusOr<Ruleset> ruleset = std::move(builder).Build();
  ASSERT_TRUE(ruleset.ok()) << ruleset.status();
  const auto confined = [&](const std::function<int()>& body) {
    return InChild([&] {
      const int err = Enforce(*ruleset);
      return err != kOk ? err : body();
    });
  };
  EXPECT_EQ(InChild(reach), kOk);
  EXPECT_EQ(confined(reach), EPERM);
  EXPECT_EQ(InChild(signal_parent), kOk);
  EXPECT_EQ(confined(signal_parent), EPERM);
}

TEST_F(RulesetTest, OneRulesetIsEnforcedByTwoProcesses) {
  absl::StatusOr<Ruleset> ruleset = UsualRuleset();
  ASSERT_TRUE(ruleset.ok()) << ruleset.status();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(InChild([&] {
                const int err = Enforce(*ruleset);
                return err != kOk ? err : OpenErrno(Path("out/file"), O_RDONLY);
              }),
              EACCES);
  }
  EXPECT_NE(fcntl(ruleset->fd(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(RulesetTest, RulesAreOfTheInodeNotOfThePath) {
  absl::StatusOr<Ruleset> ruleset = UsualRuleset();
  ASSERT_TRUE(ruleset.ok()) << ruleset.status();
  ASSERT_EQ(rename(Path("in").c_str(), Path("was_in").c_str()), 0);
  ASSERT_EQ(rename(Path("out").c_str(), Path("in").c_str()), 0);
  EXPECT_EQ(InChild([&] {
              const int err = Enforce(*ruleset);
              return err != kOk ? err : OpenErrno(Path("in/file"), O_RDONLY);
            }),
            EACCES);
}

TEST_F(RulesetTest, OlderAbiNamesItsGaps) {
  const auto gaps = [](int version, bool all) {
    RulesetBuilder builder(Abi{.version = version, .errata = 0});
    if (all) builder.DenyTcp().DenyUdp().ScopeAbstractUnix().ScopeSignals();
    const absl::StatusOr<Ruleset> ruleset = std::move(builder).Build();
    return ruleset.ok() ? ruleset->engaged().gaps : std::vector<Gap>{};
  };
  EXPECT_THAT(gaps(1, false),
              ElementsAre(Gap::kRefer, Gap::kTruncate, Gap::kIoctlDev, Gap::kUnixByPath));
  EXPECT_THAT(gaps(1, true),
              ElementsAre(Gap::kRefer, Gap::kTruncate, Gap::kTcp, Gap::kIoctlDev,
                          Gap::kAbstractUnix, Gap::kSignal, Gap::kUnixByPath, Gap::kUdp));
  if (abi_.version >= 6) {
    EXPECT_THAT(gaps(6, true), ElementsAre(Gap::kUnixByPath, Gap::kUdp));
  }
  if (abi_.version >= 10) {
    EXPECT_THAT(gaps(10, true), IsEmpty());
  }
  EXPECT_EQ(GapName(Gap::kIoctlDev), "ioctl-dev");
  EXPECT_EQ(GapClosedByAbi(Gap::kIoctlDev), 5);
}

TEST_F(RulesetTest, EveryAbiUpToTheKernelsBuildsAndDenies) {
  for (int version = 1; version <= abi_.version; ++version) {
    const UniqueFd in = PathFd("in");
    RulesetBuilder builder(Abi{.version = version, .errata = 0});
    builder.AllowBeneath(in.get(), kWrite).DenyTcp().ScopeSignals();
    const absl::StatusOr<Ruleset> ruleset = std::move(builder).Build();
    ASSERT_TRUE(ruleset.ok()) << version << ": " << ruleset.status();
    const auto confined = [&](const std::string& path) {
      return InChild([&] {
        const int err = Enforce(*ruleset);
        return err != kOk ? err : OpenErrno(Path(path), O_RDWR);
      });
    };
    EXPECT_EQ(confined("in/file"), kOk) << version;
    EXPECT_EQ(confined("out/file"), EACCES) << version;
  }
}

TEST_F(RulesetTest, SeventeenthLayerIsRefusedByName) {
  absl::StatusOr<Ruleset> ruleset = UsualRuleset();
  ASSERT_TRUE(ruleset.ok()) << ruleset.status();
  EXPECT_EQ(InChild([&] {
              if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 200;
              for (int i = 0; i < 16; ++i) {
                if (!ruleset->Enforce().ok()) return 100 + i;
              }
              const absl::Status status = ruleset->Enforce().status();
              return GetErrno(status) == E2BIG ? kOk : 150;
            }),
            kOk);
}

TEST_F(RulesetTest, BadDescriptorIsAnError) {
  RulesetBuilder builder(abi_);
  builder.AllowBeneath(-1, kRead);
  const absl::StatusOr<Ruleset> ruleset = std::move(builder).Build();
  EXPECT_EQ(GetErrno(ruleset.status()), EBADF);
}

TEST_F(RulesetTest, PortRuleWithoutDenialIsAnError) {
  RulesetBuilder builder(abi_);
  builder.AllowTcpConnect(443);
  EXPECT_EQ(std::move(builder).Build().status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace sandbox::landlock
