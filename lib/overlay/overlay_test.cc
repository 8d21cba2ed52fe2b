// Layers that a real overlay wrote: scan, commit and discard against a bare run of the same
// operations.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <functional>

#include "gtest/gtest.h"
#include "lib/overlay/changes.h"
#include "lib/overlay/commit.h"
#include "lib/overlay/layer.h"
#include "lib/overlay/testing_tree.h"

namespace sandbox::overlay {
namespace {

using Lines = std::vector<std::string>;

struct Case {
  const char* name;
  std::function<void()> operate;
  Lines changes;
};

std::string Binary() {
  std::string bytes(1 << 20, '\0');
  unsigned state = 12345;
  for (char& byte : bytes) byte = static_cast<char>((state = state * 1103515245 + 12345) >> 16);
  return bytes;
}

void Unlink(const char* path) { TREE_CHECK(unlink(path) == 0); }
void Rmdir(const char* path) { TREE_CHECK(rmdir(path) == 0); }
void Chmod(const char* path, mode_t mode) { TREE_CHECK(chmod(path, mode) == 0); }
void Rename(const char* from, const char* to) { TREE_CHECK(rename(from, to) == 0); }
void Symlink(const char* to, const char* path) { TREE_CHECK(symlink(to, path) == 0); }

// A tree with a bit of everything.
void Build(const std::string& dir) {
  MakeDir(dir);
  const auto at = [&](const char* name) { return dir + "/" + name; };
  MakeFile(at("file"), "content\n");
  MakeFile(at("other"), "other\n", 0640);
  MakeFile(at("run"), "#!\n", 0755);
  MakeDir(at("dir"));
  MakeFile(at("dir/one"), "1");
  MakeFile(at("dir/two"), "2");
  MakeDir(at("dir/sub"));
  MakeFile(at("dir/sub/deep"), "3");
  MakeDir(at("empty"), 0700);
  MakeFile(at("big"), Binary());
  MakeFile(at("locked"), "secret", 0400);
  MakeDir(at("readonly"));
  MakeFile(at("readonly/file"), "r");
  Chmod(at("readonly").c_str(), 0555);
  Symlink("file", at("link").c_str());
  TREE_CHECK(mkfifo(at("fifo").c_str(), 0600) == 0);
}

std::vector<Case> Cases() {
  return {
      {"Nothing", [] {}, {}},
      {"OnlyReads", [] { TREE_CHECK(ReadFile("file") == "content\n"); }, {}},
      {"Create", [] { MakeFile("new", "n"); MakeDir("d"); MakeFile("d/x", "x", 0600); },
       {"A d", "A d/x", "A new"}},
      {"Modify", [] { MakeFile("file", "changed"); }, {"M file"}},
      {"Append", [] { Append("dir/one", "more"); Append("big", "end"); }, {"M big", "M dir/one"}},
      {"OpenedForWritingOnly", [] { Append("dir/one", ""); }, {}},
      {"Delete", [] { Unlink("file"); Unlink("dir/sub/deep"); Unlink("link"); Unlink("fifo"); },
       {"D dir/sub/deep", "D fifo", "D file", "D link"}},
      {"CreateAndDelete", [] { MakeFile("t", "t"); Unlink("t"); MakeDir("e"); Rmdir("e"); }, {}},
      {"RenameFile", [] { Rename("file", "dir/file"); Rename("other", "run"); },
       {"A dir/file", "D file", "D other", "M run"}},
      {"RemoveDirectory", [] { Unlink("dir/sub/deep"); Rmdir("dir/sub"); Rmdir("empty"); },
       {"D dir/sub", "D empty"}},
      {"DirectoryMadeAnew",
       [] {
         Unlink("dir/sub/deep"); Rmdir("dir/sub"); Unlink("dir/one"); Unlink("dir/two");
         Rmdir("dir");
         MakeDir("dir", 0700); MakeFile("dir/two", "22"); MakeDir("dir/sub");
         MakeFile("dir/sub/new", "n");
       },
       {"M dir", "D dir/one", "D dir/sub/deep", "A dir/sub/new", "M dir/two"}},
      {"DirectoryMovedByCopying",
       [] {
         TREE_CHECK(rename("dir", "moved") != 0 || true);
         struct stat info = {};
         if (stat("dir", &info) != 0) return;  // bare: it was renamed
         MakeDir("moved"); MakeDir("moved/sub");
         MakeFile("moved/one", "1"); MakeFile("moved/two", "2"); MakeFile("moved/sub/deep", "3");
         Unlink("dir/sub/deep"); Rmdir("dir/sub"); Unlink("dir/one"); Unlink("dir/two");
         Rmdir("dir");
       },
       {"D dir", "A moved", "A moved/one", "A moved/sub", "A moved/sub/deep", "A moved/two"}},
      {"NewDirectoryRenamed",
       [] { MakeDir("n"); MakeFile("n/f", "f"); Rename("n", "dir/n"); },
       {"A dir/n", "A dir/n/f"}},
      {"Chmod", [] { Chmod("file", 0600); Chmod("dir", 0710); Chmod("run", 0644); },
       {"M dir", "M file", "M run"}},
      {"ChmodAway", [] { Append("dir/one", "x"); Chmod("dir/one", 0); Chmod("dir", 0); },
       {"M dir", "M dir/one"}},
      {"ReadOnlyDirectory",
       [] { Chmod("readonly", 0755); Append("readonly/file", "x"); Chmod("readonly", 0555); },
       {"M readonly/file"}},
      {"NewReadOnlyTree", [] { MakeDir("n"); MakeDir("n/m"); MakeFile("n/m/f", "f", 0400);
                               Chmod("n/m", 0500); Chmod("n", 0555); },
       {"A n", "A n/m", "A n/m/f"}},
      {"TypeChanges",
       [] {
         Unlink("link"); MakeDir("link"); MakeFile("link/in", "x");
         Unlink("file"); Symlink("dir", "file");
         Rmdir("empty"); MakeFile("empty", "no more");
         Unlink("fifo"); MakeFile("fifo", "f");
         Unlink("dir/sub/deep"); Rmdir("dir/sub"); Symlink("/", "dir/sub");
       },
       {"T dir/sub", "T empty", "T fifo", "T file", "T link", "A link/in"}},
      {"HardLinks",
       [] {
         TREE_CHECK(link("file", "file2") == 0);
         MakeFile("x", "x"); TREE_CHECK(link("x", "dir/y") == 0);
         MakeDir("n"); TREE_CHECK(link("x", "n/z") == 0);
       },
       {"A dir/y", "M file", "A file2", "A n", "A n/z", "A x"}},
      {"DeepDirectories",
       [] {
         std::string path = "deep";
         for (int i = 0; i < 60; ++i, path += "/" + std::string(20, 'd')) MakeDir(path);
         MakeFile(path.substr(0, path.rfind('/')) + "/f", "f");
       },
       {}},
      {"SparseAndBinary",
       [] {
         MakeFile("sparse", "head");
         TREE_CHECK(truncate("sparse", 32 << 20) == 0);
         Append("sparse", "tail");
         MakeFile("binary", Binary());
       },
       {"A binary", "A sparse"}},
      {"StrangeNames",
       [] {
         MakeFile("a\nb", "1"); MakeFile("-rf", "2"); MakeFile("\xff\x01", "3");
         MakeFile(std::string(255, 'L'), "4"); MakeFile(".wh.file", "5");
         Unlink("dir/one");
       },
       {"A -rf", "A .wh.file", "A " + std::string(255, 'L'), "A a\\x0ab", "D dir/one",
        "A \\xff\\x01"}},
      {"Attributes", [] { SetXattr("file", "user.a", "1"); SetXattr("dir", "user.b", "2"); },
       {"M dir", "M file"}},
      {"TimesSet",
       [] {
         const struct timespec times[2] = {{1000, 1}, {2000, 123456789}};
         TREE_CHECK(utimensat(AT_FDCWD, "file", times, 0) == 0);
         TREE_CHECK(utimensat(AT_FDCWD, "dir", times, 0) == 0);
         TREE_CHECK(utimensat(AT_FDCWD, "link", times, AT_SYMLINK_NOFOLLOW) == 0);
       },
       {"M file", "M link"}},
      {"WorkDirectoryMode", [] { Chmod(".", 0750); }, {"M ."}},
      {"NotReadable", [] { Chmod("locked", 0600); Append("locked", "x"); Chmod("locked", 0); },
       {"M locked"}},
  };
}

class Overlay : public testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(Real, Overlay, testing::ValuesIn(Cases()),
                         [](const auto& param) { return std::string(param.param.name); });

TEST_P(Overlay, CommitEqualsABareRunAndDiscardLeavesNothing) {
  TempTree temp;
  Build(temp / "bare");
  Build(temp / "w");
  const Lines original = ListTree(temp / "w", true);
  ASSERT_EQ(RunBare(temp / "bare", GetParam().operate), 0);

  absl::StatusOr<Layer> discarded = Layer::Create(temp / "w", {});
  ASSERT_TRUE(discarded.ok()) << discarded.status();
  ASSERT_EQ(RunInOverlay(temp / "w", discarded->path(), GetParam().operate), 0);
  EXPECT_EQ(discarded->Discard(), absl::OkStatus());
  EXPECT_EQ(NamesIn(temp.path()), (Lines{"bare", "w"}));
  EXPECT_EQ(ListTree(temp / "w", true), original);

  absl::StatusOr<Layer> layer = Layer::Create(temp / "w", {});
  ASSERT_TRUE(layer.ok()) << layer.status();
  ASSERT_EQ(RunInOverlay(temp / "w", layer->path(), GetParam().operate), 0);
  const absl::StatusOr<std::vector<Change>> changes = Scan(*layer);
  ASSERT_TRUE(changes.ok()) << changes.status();
  Lines lines;
  for (const Change& change : *changes) lines.push_back(FormatChange(change));
  if (GetParam().name != std::string("DeepDirectories")) {
    EXPECT_EQ(lines, GetParam().changes);
  }
  EXPECT_EQ(ListTree(temp / "w", true), original);
  CommitReport report;
  EXPECT_EQ(Commit(*layer, &report), absl::OkStatus());
  EXPECT_EQ(ListTree(temp / "w"), ListTree(temp / "bare"));
  if (GetParam().name == std::string("TimesSet")) {
    struct stat info = {};
    for (const char* const name : {"file", "dir", "link"}) {
      ASSERT_EQ(lstat((temp / ("w/" + std::string(name))).c_str(), &info), 0);
      EXPECT_EQ(info.st_mtim.tv_sec, 2000) << name;
      EXPECT_EQ(info.st_mtim.tv_nsec, 123456789) << name;
    }
  }
  EXPECT_EQ(layer->Discard(), absl::OkStatus());
  EXPECT_EQ(NamesIn(temp.path()), (Lines{"bare", "w"}));
}

TEST(OverlayAttack, ALinkPlantedForADirectoryRedirectsNothing) {
  TempTree temp;
  Build(temp / "w");
  MakeDir(temp / "outside");
  MakeFile(temp / "outside/one", "outside");
  const Lines before = ListTree(temp / "outside", true);
  absl::StatusOr<Layer> layer = Layer::Create(temp / "w", {});
  ASSERT_TRUE(layer.ok()) << layer.status();
  const std::string outside = temp / "outside";
  ASSERT_EQ(RunInOverlay(temp / "w", layer->path(),
                         [&] {
                           Append("dir/one", "was copied up");
                           Unlink("dir/sub/deep");
                           Rmdir("dir/sub");
                           Unlink("dir/one");
                           Unlink("dir/two");
                           Rmdir("dir");
                           Symlink(outside.c_str(), "dir");
                           MakeDir("n");
                           Symlink((outside + "/one").c_str(), "n/one");
                           Unlink("file");
                           Symlink((outside + "/one").c_str(), "file");
                         }),
            0);
  // The command has the right to write through its own link; what it wrote is not in the layer.
  CommitReport report;
  EXPECT_EQ(Commit(*layer, &report), absl::OkStatus());
  EXPECT_EQ(ListTree(temp / "outside", true), before);
  struct stat info = {};
  ASSERT_EQ(lstat((temp / "w/dir").c_str(), &info), 0);
  EXPECT_TRUE(S_ISLNK(info.st_mode));
  EXPECT_EQ(layer->Discard(), absl::OkStatus());
}

TEST(OverlayAttack, TheCommandCannotForgeWhatOverlayfsNotes) {
  TempTree temp;
  Build(temp / "w");
  absl::StatusOr<Layer> layer = Layer::Create(temp / "w", {});
  ASSERT_TRUE(layer.ok()) << layer.status();
  ASSERT_EQ(RunInOverlay(temp / "w", layer->path(),
                         [] {
                           Append("dir/one", "x");
                           // Refused or escaped, by kernel; neither may hide dir/two.
                           setxattr("dir", "user.overlay.opaque", "y", 1, 0);
                           MakeFile("empty/white", "");
                           setxattr("empty/white", "user.overlay.whiteout", "y", 1, 0);
                           TREE_CHECK(mknod("dir/two2", S_IFCHR | 0600, 0) != 0);
                         }),
            0);
  CommitReport report;
  EXPECT_EQ(Commit(*layer, &report), absl::OkStatus());
  EXPECT_EQ(NamesIn(temp / "w/dir"), (Lines{"one", "sub", "two"}));
  EXPECT_EQ(NamesIn(temp / "w/empty"), (Lines{"white"}));
  for (const std::string& line : ListTree(temp / "w")) {
    EXPECT_EQ(line.find("user.overlay"), std::string::npos) << line;
  }
  EXPECT_EQ(layer->Discard(), absl::OkStatus());
}

}  // namespace
}  // namespace sandbox::overlay
