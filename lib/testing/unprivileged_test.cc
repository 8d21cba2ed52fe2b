#include "lib/testing/unprivileged.h"

#include <string>

#include "gtest/gtest.h"
#include "lib/testing/features.h"
#include "lib/testing/files.h"

namespace sandbox::testing {
namespace {

TEST(AsOrdinaryUser, HasNoPowerAndNoGroups) {
  SANDBOX_SKIP_UNLESS(Feature::kSwitchUser);
  const Result result = RunCommand(
      AsOrdinaryUser({.argv = {"sh", "-c", "id -u; grep CapEff /proc/self/status"}}));
  EXPECT_TRUE(result.Exited(0)) << result.Describe();
  EXPECT_EQ(result.out.substr(result.out.find('\n')), "\nCapEff:\t0000000000000000\n");
  if (!IsRoot()) return;
  EXPECT_EQ(result.out.substr(0, 5), "1000\n");
  EXPECT_EQ(RunCommand(AsOrdinaryUser({.argv = {"id", "-G"}})).out, "1000\n");
}

TEST(AsOrdinaryUser, ReachesDirectoriesForEveryone) {
  SANDBOX_SKIP_UNLESS(Feature::kSwitchUser);
  const absl::StatusOr<TempDir> dir = TempDir::Make("everyone", /*for_everyone=*/true);
  ASSERT_TRUE(dir.ok()) << dir.status();
  const Result result = RunCommand(
      AsOrdinaryUser({.argv = {"sh", "-c", "echo x > made"}, .cwd = dir->path()}));
  EXPECT_TRUE(result.Exited(0)) << result.Describe();
  EXPECT_EQ(*ReadFile(*dir / "made"), "x\n");
}

}  // namespace
}  // namespace sandbox::testing
