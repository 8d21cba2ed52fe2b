#include "lib/testing/tree_hash.h"

#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "gtest/gtest.h"
#include "lib/testing/files.h"

namespace sandbox::testing {
namespace {

class TreeHashTest : public ::testing::Test {
 protected:
  std::string Manifest() {
    const absl::StatusOr<std::string> manifest = TreeManifest(dir_->path());
    EXPECT_TRUE(manifest.ok()) << manifest.status();
    return manifest.value_or("");
  }

  absl::StatusOr<TempDir> dir_ = TempDir::Make();
};

TEST_F(TreeHashTest, ListsEachKindSortedByPath) {
  ASSERT_TRUE(dir_.ok());
  ASSERT_EQ(mkdir((*dir_ / "b").c_str(), 0750), 0);
  ASSERT_TRUE(WriteFile(*dir_ / "b/f", "abc").ok());
  ASSERT_EQ(chmod((*dir_ / "b/f").c_str(), 04711), 0);
  ASSERT_EQ(symlink("no where\n", (*dir_ / "a").c_str()), 0);
  ASSERT_EQ(mkfifo((*dir_ / "c\nd").c_str(), 0600), 0);
  EXPECT_EQ(Manifest(),
            "a link 0777 no where\\n\n"
            "b dir 0750\n"
            "b/f file 4711 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"
            "c\\nd fifo 0600\n");
}

TEST_F(TreeHashTest, ChangesWithContentModeNameAndTarget) {
  ASSERT_TRUE(dir_.ok());
  const std::string file = *dir_ / "f";
  ASSERT_TRUE(WriteFile(file, "one").ok());
  const std::string first = *TreeHash(dir_->path());
  EXPECT_EQ(*TreeHash(dir_->path()), first);
  ASSERT_TRUE(WriteFile(file, "two").ok());
  const std::string second = *TreeHash(dir_->path());
  EXPECT_NE(second, first);
  ASSERT_EQ(chmod(file.c_str(), 0600), 0);
  const std::string third = *TreeHash(dir_->path());
  EXPECT_NE(third, second);
  ASSERT_EQ(rename(file.c_str(), (*dir_ / "g").c_str()), 0);
  EXPECT_NE(*TreeHash(dir_->path()), third);
}

TEST_F(TreeHashTest, FailsForWhatIsNotThere) {
  EXPECT_EQ(TreeHash("/nonexistent").status().code(), absl::StatusCode::kNotFound);
}

TEST(TempDir, RemovesClosedDirectoriesToo) {
  std::string path;
  {
    absl::StatusOr<TempDir> dir = TempDir::Make();
    ASSERT_TRUE(dir.ok());
    path = dir->path();
    ASSERT_EQ(mkdir((*dir / "closed").c_str(), 0700), 0);
    ASSERT_EQ(mkdir((*dir / "closed/in").c_str(), 0), 0);
    ASSERT_EQ(chmod((*dir / "closed").c_str(), 0), 0);
  }
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace sandbox::testing
