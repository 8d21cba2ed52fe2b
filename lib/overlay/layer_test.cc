#include "lib/overlay/layer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "gtest/gtest.h"
#include "lib/base/status.h"
#include "lib/overlay/testing_tree.h"
#include "lib/testing/features.h"

namespace sandbox::overlay {
namespace {

TEST(Layer, IsASiblingOfTheWorkDirectoryThatLooksLikeIt) {
  TempTree temp;
  MakeDir(temp / "w", 0751);
  const absl::StatusOr<Layer> layer = Layer::Create(temp / "w", {});
  ASSERT_TRUE(layer.ok()) << layer.status();
  EXPECT_EQ(layer->path().substr(0, layer->path().size() - 16), temp / ".sandbox-cow.");
  EXPECT_EQ(layer->workdir_path(), temp / "w");
  struct stat upper = {};
  struct stat workdir = {};
  ASSERT_EQ(stat(layer->upper_path().c_str(), &upper), 0);
  ASSERT_EQ(stat((temp / "w").c_str(), &workdir), 0);
  EXPECT_EQ(upper.st_mode, workdir.st_mode);
  EXPECT_EQ(upper.st_mtim.tv_nsec, workdir.st_mtim.tv_nsec);
  EXPECT_EQ(IdentityOf(upper), layer->upper_identity());
  EXPECT_EQ(IdentityOf(workdir), layer->workdir_identity());
}

TEST(Layer, DiscardLeavesNothing) {
  TempTree temp;
  MakeDir(temp / "w");
  absl::StatusOr<Layer> layer = Layer::Create(temp / "w", {});
  ASSERT_TRUE(layer.ok()) << layer.status();
  MakeDir(layer->work_path() + "/work");
  MakeDir(layer->work_path() + "/work/incompat");
  MakeDir(layer->work_path() + "/work/incompat/volatile", 0);
  chmod((layer->work_path() + "/work").c_str(), 0);
  MakeDir(temp / "outside");
  MakeFile(temp / "outside/file", "stays");
  ASSERT_EQ(symlink((temp / "outside").c_str(), (layer->upper_path() + "/link").c_str()), 0);
  chmod(layer->upper_path().c_str(), 0);
  EXPECT_EQ(layer->Discard(), absl::OkStatus());
  EXPECT_EQ(NamesIn(temp.path()), (std::vector<std::string>{"outside", "w"}));
  EXPECT_EQ(ReadFile(temp / "outside/file"), "stays");
  EXPECT_EQ(layer->Discard(), absl::OkStatus());
}

TEST(Layer, DiscardRemovesTenThousandLevelsOfLongNames) {
  TempTree temp;
  MakeDir(temp / "w");
  absl::StatusOr<Layer> layer = Layer::Create(temp / "w", {});
  ASSERT_TRUE(layer.ok()) << layer.status();
  const std::string name(200, 'n');
  UniqueFd at(open(layer->upper_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (int i = 0; i < 10000; ++i) {
    ASSERT_EQ(mkdirat(at.get(), name.c_str(), 0700), 0);
    at.reset(openat(at.get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(at.ok());
  }
  ASSERT_EQ(mknodat(at.get(), "file", S_IFREG | 0600, 0), 0);
  at.reset();
  EXPECT_EQ(layer->Discard(), absl::OkStatus());
  EXPECT_EQ(NamesIn(temp.path()), (std::vector<std::string>{"w"}));
}

TEST(Layer, StorageBeneathTheWorkDirectoryIsRefused) {
  TempTree temp;
  MakeDir(temp / "w");
  MakeDir(temp / "w/sub");
  for (const std::string& storage : {temp / "w", temp / "w/sub"}) {
    const absl::StatusOr<Layer> layer = Layer::Create(temp / "w", {"", storage});
    EXPECT_EQ(layer.status().code(), absl::StatusCode::kInvalidArgument) << layer.status();
  }
  EXPECT_EQ(NamesIn(temp / "w"), (std::vector<std::string>{"sub"}));
}

TEST(Layer, UnwritableParentUsesTheFallback) {
  if (geteuid() == 0) GTEST_SKIP() << "root writes everywhere: runs as an ordinary user";
  TempTree temp;
  MakeDir(temp / "parent");
  MakeDir(temp / "parent/w");
  chmod((temp / "parent").c_str(), 0555);
  EXPECT_FALSE(Layer::Create(temp / "parent/w", {}).ok());
  const absl::StatusOr<Layer> layer =
      Layer::Create(temp / "parent/w", {temp / "state/sandpipe/layers", ""});
  ASSERT_TRUE(layer.ok()) << layer.status();
  EXPECT_EQ(NamesIn(temp / "state/sandpipe/layers").size(), 1U);
}

TEST(Layer, AFilesystemWithoutAttributesUsesTheFallback) {
  SANDBOX_SKIP_UNLESS(testing::Feature::kUserNamespace);
  TempTree temp;
  MakeDir(temp / "ramfs");
  MakeDir(temp / "state");
  const int status = RunInRamfs(temp / "ramfs", [&] {
    MakeDir("w");
    const absl::StatusOr<Layer> none = Layer::Create("w", {});
    TREE_CHECK(GetErrno(none.status()) == EOPNOTSUPP);
    TREE_CHECK(NamesIn(".") == (std::vector<std::string>{"w"}));
    absl::StatusOr<Layer> layer = Layer::Create("w", {temp / "state", ""});
    TREE_CHECK(layer.ok());
    TREE_CHECK(NamesIn(temp / "state").size() == 1);
    TREE_CHECK(layer->Discard().ok());
  });
  EXPECT_EQ(status, 0);
}

TEST(Layer, TheRootDirectoryUsesTheFallbackAndNeverBeneathIt) {
  TempTree temp;
  EXPECT_EQ(Layer::Create("/", {}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Layer::Create("/", {temp / "x", ""}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(SweepDead, TakesDeadLayersAndLeavesLivingAndKeptOnes) {
  TempTree temp;
  MakeDir(temp / "w");
  absl::StatusOr<Layer> living = Layer::Create(temp / "w", {});
  absl::StatusOr<Layer> kept = Layer::Create(temp / "w", {});
  ASSERT_TRUE(living.ok() && kept.ok());
  ASSERT_EQ(kept->Keep(), absl::OkStatus());
  EXPECT_EQ(ReadFile(kept->path() + "/kept"), temp / "w");
  const int status = RunBare(temp.path(), [&] {
    absl::StatusOr<Layer> killed = Layer::Create(temp / "w", {});
    TREE_CHECK(killed.ok());
    MakeDir(killed->upper_path() + "/secret", 0);
    kill(getpid(), SIGKILL);
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  MakeDir(temp / ".sandbox-cow.0123456789abcdef");   // killed while it was made or removed
  MakeDir(temp / ".sandbox-cow.notours");            // not one of our names
  MakeFile(temp / ".sandbox-cow.0000000000000000", "a file");
  const absl::StatusOr<int> swept = SweepDead(temp.path());
  ASSERT_TRUE(swept.ok()) << swept.status();
  EXPECT_EQ(*swept, 2);
  EXPECT_EQ(NamesIn(temp.path()).size(), 5U);
  EXPECT_EQ(access(living->upper_path().c_str(), F_OK), 0);
  EXPECT_EQ(access(kept->upper_path().c_str(), F_OK), 0);
  EXPECT_EQ(SweepDead(temp / "absent").value(), 0);
}

}  // namespace
}  // namespace sandbox::overlay
