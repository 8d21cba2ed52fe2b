#include "lib/overlay/commit.h"

#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/base/status.h"
#include "lib/overlay/changes.h"
#include "lib/overlay/testing_tree.h"

namespace sandbox::overlay {
namespace {

using Lines = std::vector<std::string>;

Lines ScanLines(const Layer& layer) {
  const absl::StatusOr<std::vector<Change>> changes = Scan(layer);
  if (!changes.ok()) return {changes.status().ToString()};
  Lines lines;
  for (const Change& change : *changes) lines.push_back(FormatChange(change));
  return lines;
}

// A work directory and a layer whose upper is made by hand.
class ByHand : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    MakeDir(w());
    MakeFile(w("file"), "old");
    MakeDir(w("dir"));
    MakeFile(w("dir/one"), "1");
    MakeFile(w("dir/two"), "2");
    MakeDir(w("dir/sub"));
    MakeFile(w("dir/sub/deep"), "3");
    std::string storage;
    if (GetParam()) {  // another filesystem
      struct stat here = {};
      struct stat there = {};
      ASSERT_EQ(stat(w().c_str(), &here), 0);
      if (stat("/dev/shm", &there) != 0 || here.st_dev == there.st_dev ||
          access("/dev/shm", W_OK) != 0) {
        GTEST_SKIP() << "no second filesystem at /dev/shm";
      }
      other_.emplace("/dev/shm");
      storage = other_->path();
    }
    absl::StatusOr<Layer> layer = Layer::Create(w(), {"", storage});
    ASSERT_TRUE(layer.ok()) << layer.status();
    layer_.emplace(*std::move(layer));
  }

  void TearDown() override {
    if (!layer_.has_value()) return;
    EXPECT_EQ(layer_->Discard(), absl::OkStatus());
    EXPECT_EQ(NamesIn(temp_.path()).size(), 1U + extra_);
  }

  std::string w(const std::string& name = "") const {
    return temp_ / (name.empty() ? "w" : "w/" + name);
  }
  std::string u(const std::string& name) const { return layer_->upper_path() + "/" + name; }

  CommitReport MustCommit() {
    CommitReport report;
    EXPECT_EQ(Commit(*layer_, &report), absl::OkStatus());
    EXPECT_EQ(NamesIn(layer_->upper_path()), Lines());
    EXPECT_EQ(ScanLines(*layer_), Lines());
    return report;
  }

  TempTree temp_;
  std::optional<TempTree> other_;
  std::optional<Layer> layer_;
  size_t extra_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Filesystem, ByHand, testing::Bool(), [](const auto& param) {
  return std::string(param.param ? "Other" : "Same");
});

TEST_P(ByHand, AnUntouchedLayerChangesNothing) {
  const Lines before = ListTree(w(), true);
  EXPECT_EQ(ScanLines(*layer_), Lines());
  MustCommit();
  EXPECT_EQ(ListTree(w(), true), before);
}

TEST_P(ByHand, AddedModifiedDeletedAndChangedTypes) {
  MakeFile(u("new"), "n");
  MakeFile(u("file"), "newer", 0600);
  MakeDir(u("fresh"), 0555);
  chmod(u("fresh").c_str(), 0755);
  MakeFile(u("fresh/a"), "a");
  SetXattr(u("fresh"), "user.overlay.opaque", "y");
  chmod(u("fresh").c_str(), 0555);
  MakeDir(u("dir"), 0700);
  MakeWhiteout(u("dir/one"));
  ASSERT_EQ(symlink("/nowhere", u("dir/sub").c_str()), 0);
  MakeDir(u("dir/two"));
  MakeFile(u("dir/two/in"), "x");
  const Lines before = ListTree(w(), true);
  EXPECT_EQ(ScanLines(*layer_),
            (Lines{"M dir", "D dir/one", "T dir/sub", "T dir/two", "A dir/two/in", "M file",
                   "A fresh", "A fresh/a", "A new"}));
  EXPECT_EQ(ListTree(w(), true), before);
  const CommitReport report = MustCommit();
  EXPECT_EQ(report.removed, 1U);
  EXPECT_EQ(ReadFile(w("file")), "newer");
  EXPECT_EQ(ReadFile(w("dir/two/in")), "x");
  EXPECT_EQ(NamesIn(w("dir")), (Lines{"sub", "two"}));
  struct stat info = {};
  ASSERT_EQ(lstat(w("fresh").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0555U);
  ASSERT_EQ(lstat(w("dir").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0700U);
  ASSERT_EQ(lstat(w("dir/sub").c_str(), &info), 0);
  EXPECT_TRUE(S_ISLNK(info.st_mode));
  for (const std::string& line : ListTree(w())) {
    EXPECT_EQ(line.find("user.overlay"), std::string::npos) << line;
  }
}

TEST_P(ByHand, AnOpaqueDirectoryHidesAllThatWasBelow) {
  MakeDir(u("dir"));
  SetXattr(u("dir"), "user.overlay.opaque", "y");
  MakeDir(u("dir/sub"));
  MakeFile(u("dir/two"), "new two");
  EXPECT_EQ(ScanLines(*layer_), (Lines{"D dir/one", "D dir/sub/deep", "M dir/two"}));
  MustCommit();
  EXPECT_EQ(NamesIn(w("dir")), (Lines{"sub", "two"}));
  EXPECT_EQ(NamesIn(w("dir/sub")), Lines());
}

TEST_P(ByHand, WhiteoutsAsEmptyFilesWithAnAttribute) {
  MakeFile(u("file"), "");
  SetXattr(u("file"), "user.overlay.whiteout", "y");
  EXPECT_EQ(ScanLines(*layer_), (Lines{"D file"}));
  MustCommit();
  EXPECT_EQ(NamesIn(w()), (Lines{"dir"}));
}

TEST_P(ByHand, APureCopyUpIsNoChangeAndKeepsTheFile) {
  struct stat before = {};
  ASSERT_EQ(stat(w("file").c_str(), &before), 0);
  MakeFile(u("file"), "old");
  const struct timespec times[2] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(utimensat(AT_FDCWD, u("file").c_str(), times, 0), 0);
  SetXattr(u("file"), "user.overlay.origin", "x");
  EXPECT_EQ(ScanLines(*layer_), Lines());
  MustCommit();
  struct stat after = {};
  ASSERT_EQ(stat(w("file").c_str(), &after), 0);
  EXPECT_EQ(after.st_ino, before.st_ino);
}

TEST_P(ByHand, ContentAttributesOrTimeAloneAreAChange) {
  struct stat info = {};
  ASSERT_EQ(stat(w("file").c_str(), &info), 0);
  struct timespec times[2] = {info.st_atim, info.st_mtim};
  MakeFile(u("file"), "olD");
  ASSERT_EQ(utimensat(AT_FDCWD, u("file").c_str(), times, 0), 0);
  EXPECT_EQ(ScanLines(*layer_), (Lines{"M file"}));
  MakeFile(u("file"), "old");
  SetXattr(u("file"), "user.note", "n");
  ASSERT_EQ(utimensat(AT_FDCWD, u("file").c_str(), times, 0), 0);
  EXPECT_EQ(ScanLines(*layer_), (Lines{"M file"}));
  ASSERT_EQ(removexattr(u("file").c_str(), "user.note"), 0);
  EXPECT_EQ(ScanLines(*layer_), Lines());
  times[1].tv_nsec ^= 1;
  ASSERT_EQ(utimensat(AT_FDCWD, u("file").c_str(), times, 0), 0);
  EXPECT_EQ(ScanLines(*layer_), (Lines{"M file"}));
  MustCommit();
  ASSERT_EQ(stat(w("file").c_str(), &info), 0);
  EXPECT_EQ(info.st_mtim.tv_nsec, times[1].tv_nsec);
}

TEST_P(ByHand, LinksTimesAttributesHolesAndSpecialsSurvive) {
  MakeDir(u("new"));
  MakeFile(u("new/a"), "linked", 0);
  ASSERT_EQ(link(u("new/a").c_str(), u("new/b").c_str()), 0);
  ASSERT_EQ(link(u("new/a").c_str(), u("c").c_str()), 0);
  MakeFile(u("attr"), "x");
  SetXattr(u("attr"), "user.note", "n");
  ASSERT_EQ(mkfifo(u("fifo").c_str(), 0640), 0);
  ASSERT_EQ(mknod(u("socket").c_str(), S_IFSOCK | 0600, 0), 0);
  MakeFile(u("sparse"), "start");
  ASSERT_EQ(truncate(u("sparse").c_str(), 64 << 20), 0);
  struct timespec times[2] = {{1, 2}, {3, 456789}};
  ASSERT_EQ(utimensat(AT_FDCWD, u("new").c_str(), times, 0), 0);
  ASSERT_EQ(utimensat(AT_FDCWD, u("sparse").c_str(), times, 0), 0);
  const Lines wanted = ListTree(layer_->upper_path(), true);
  MustCommit();
  ASSERT_EQ(unlink(w("file").c_str()), 0);
  ASSERT_EQ(RemoveTree(layer_->workdir_fd(), "dir"), absl::OkStatus());
  const Lines got = ListTree(w(), true);
  EXPECT_EQ(Lines(got.begin() + 1, got.end()), Lines(wanted.begin() + 1, wanted.end()));
  struct stat info = {};
  ASSERT_EQ(stat(w("sparse").c_str(), &info), 0);
  EXPECT_LT(info.st_blocks, 1024);
}

TEST_P(ByHand, SymbolicLinksInTheRealTreeLeadNowhere) {
  MakeDir(temp_ / "outside");
  extra_ = 1;
  MakeFile(temp_ / "outside/one", "outside");
  const Lines before = ListTree(temp_ / "outside", true);
  // The layer believes that dir is a directory; meanwhile it is a way out.
  ASSERT_EQ(RemoveTree(layer_->workdir_fd(), "dir"), absl::OkStatus());
  ASSERT_EQ(symlink((temp_ / "outside").c_str(), w("dir").c_str()), 0);
  MakeDir(u("dir"));
  MakeFile(u("dir/one"), "inside");
  MakeWhiteout(u("dir/two"));
  // And a link in the layer, over a file.
  ASSERT_EQ(symlink((temp_ / "outside/one").c_str(), u("file").c_str()), 0);
  MustCommit();
  EXPECT_EQ(ListTree(temp_ / "outside", true), before);
  EXPECT_EQ(ReadFile(w("dir/one")), "inside");
  EXPECT_EQ(NamesIn(w("dir")), (Lines{"one"}));
}

TEST_P(ByHand, AFailureNamesThePathRestoresModesAndCanBeResumed) {
  MakeFile(u("aaa"), "first");
  MakeDir(u("dir"), 0700);
  MakeDir(u("dir/sub"), 0700);
  MakeFile(u("dir/sub/deep"), "changed");
  chmod(u("dir/sub").c_str(), 0500);
  chmod(u("dir").c_str(), 0500);
  chmod(w("dir/sub").c_str(), 0500);
  chmod(w("dir").c_str(), 0500);
  MakeFile(u("zzz"), "last");
  // Every number of descriptors that is too small fails somewhere else.
  const auto modes = [&] {
    std::string text;
    for (const char* const name : {"dir", "dir/sub"}) {
      struct stat info = {};
      EXPECT_EQ(stat(w(name).c_str(), &info), 0);
      absl::StrAppend(&text, absl::Hex(info.st_mode), " ");
    }
    return text;
  };
  const std::string before = modes();
  int failures = 0;
  for (rlim_t limit = 4; limit < 200; ++limit) {
    const int status = RunBare(w(), [&] {
      const struct rlimit descriptors = {limit, limit};
      TREE_CHECK(setrlimit(RLIMIT_NOFILE, &descriptors) == 0);
      CommitReport report;
      const absl::Status done = Commit(*layer_, &report);
      TREE_CHECK(done.ok() || GetErrno(done) == EMFILE);
      _exit(done.ok() ? 0 : 1);
    });
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(modes(), before);
    if (WEXITSTATUS(status) == 0) break;
    ++failures;
  }
  EXPECT_GT(failures, 2);
  MustCommit();
  struct stat info = {};
  ASSERT_EQ(stat(w("dir/sub").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0500U);
  chmod(w("dir").c_str(), 0700);
  chmod(w("dir/sub").c_str(), 0700);
  EXPECT_EQ(ReadFile(w("dir/sub/deep")), "changed");
  EXPECT_EQ(ReadFile(w("aaa")) + ReadFile(w("zzz")), "firstlast");
}

TEST_P(ByHand, RootDropsSetIdBitsAndReportsThem) {
  MakeFile(u("tool"), "x", 04755);
  MakeDir(u("new"));
  MakeFile(u("new/tool"), "x", 02755);
  const CommitReport report = MustCommit();
  struct stat info = {};
  ASSERT_EQ(stat(w("tool").c_str(), &info), 0);
  if (geteuid() == 0) {
    EXPECT_EQ(report.dropped_privileges, (Lines{"new/tool", "tool"}));
    EXPECT_EQ(info.st_mode & 07777U, 0755U);
  } else {
    EXPECT_EQ(report.dropped_privileges, Lines());
    EXPECT_EQ(info.st_mode & 07777U, 04755U);
  }
}

TEST_P(ByHand, ReplacingOneOfSeveralNamesIsReported) {
  ASSERT_EQ(link(w("file").c_str(), w("other").c_str()), 0);
  MakeFile(u("file"), "new");
  EXPECT_EQ(MustCommit().broken_links, (Lines{"file"}));
  EXPECT_EQ(ReadFile(w("other")), "old");
}

TEST_P(ByHand, ChangesOfTheWorkDirectoryItselfAreApplied) {
  chmod(layer_->upper_path().c_str(), 0750);
  SetXattr(layer_->upper_path(), "user.note", "n");
  EXPECT_EQ(ScanLines(*layer_), (Lines{"M ."}));
  CommitReport report;
  EXPECT_EQ(Commit(*layer_, &report), absl::OkStatus());
  struct stat info = {};
  ASSERT_EQ(stat(w().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0750U);
}

TEST_P(ByHand, CommitAndScanGoThroughTenThousandLevels) {
  UniqueFd at(open(layer_->upper_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (int i = 0; i < 10000; ++i) {
    ASSERT_EQ(mkdirat(at.get(), "d", 0700), 0);
    at.reset(openat(at.get(), "d", O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  ASSERT_EQ(mknodat(at.get(), "file", S_IFREG | 0600, 0), 0);
  at.reset();
  const absl::StatusOr<std::vector<Change>> changes = Scan(*layer_);
  ASSERT_TRUE(changes.ok()) << changes.status();
  EXPECT_EQ(changes->size(), 10001U);
  MustCommit();
}

TEST(EscapePath, LeavesNoControlCharacterAndIsUnambiguous) {
  EXPECT_EQ(EscapePath("a b"), "a b");
  EXPECT_EQ(EscapePath("a\nb\x1b\x7f\\"), "a\\x0ab\\x1b\\x7f\\x5c");
  const std::string text = "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  EXPECT_EQ(EscapePath(text), text);
  EXPECT_EQ(EscapePath("\xc2\x9b\xff\xc3"), "\\xc2\\x9b\\xff\\xc3");
}

}  // namespace
}  // namespace sandbox::overlay
