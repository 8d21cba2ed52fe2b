#include "lib/view/view.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <functional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/ns/user_maps.h"
#include "lib/testing/features.h"
#include "lib/testing/files.h"

namespace sandbox::view {
namespace {

using testing::Feature;

// Says which line of a child went wrong; the parent sees that one did.
#define CHECK_VIEW(condition)                          \
  if (!(condition)) {                                  \
    dprintf(2, "line %d: %s\n", __LINE__, #condition); \
    _exit(1);                                          \
  }

// Runs `look` with where the view was built, in namespaces of its own; 0 when it finds nothing wrong.
int InView(const Request& request, const std::function<void(const std::string&)>& look) {
  const pid_t child = fork();
  if (child == 0) {
    umask(077);  // must not matter
    CHECK_VIEW(ns::EnterUserNamespace(CLONE_NEWNS, {}).ok());
    CHECK_VIEW(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
    const auto root = Build(request);
    CHECK_VIEW(root.ok());
    look(*root);
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// 0, or the errno of making a file in `directory`.
int TryToWrite(const std::string& directory) {
  const std::string path = directory + "/new";
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return errno;
  close(fd);
  unlink(path.c_str());
  return 0;
}

bool IsMount(const std::string& path) {
  std::ifstream info("/proc/self/mountinfo");
  for (std::string line; std::getline(info, line);) {
    if (absl::StrContains(line, absl::StrCat(" ", path, " "))) return true;
  }
  return false;
}

mode_t ModeOf(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

TEST(View, ShowsGrantsWithTheirRightsAndNothingElse) {
  SANDBOX_SKIP_UNLESS(Feature::kUserNamespace);
  const testing::TempDir dir = testing::TempDir::Make("view").value();
  for (const char* name : {"ro", "ro/rw", "other"}) {
    ASSERT_EQ(mkdir(absl::StrCat(dir.path(), "/", name).c_str(), 0755), 0);
  }
  const std::string top = dir.path();
  Request request;
  request.grants = {{.path = top + "/ro"}, {.path = top + "/ro/rw", .write = true}};
  EXPECT_EQ(0, InView(request, [&](const std::string& root) {
              CHECK_VIEW(TryToWrite(root) == EROFS);
              CHECK_VIEW(TryToWrite(root + top + "/ro") == EROFS);
              CHECK_VIEW(TryToWrite(root + top + "/ro/rw") == 0);
              CHECK_VIEW(access((root + top + "/other").c_str(), F_OK) != 0);
              CHECK_VIEW(access((root + "/etc").c_str(), F_OK) != 0);
            }));
}

TEST(View, SystemDirectoriesWithinOthersAreNoFurtherMounts) {
  SANDBOX_SKIP_UNLESS(Feature::kUserNamespace);
  Request request;
  request.grants = SystemGrants();
  request.system = true;
  EXPECT_EQ(0, InView(request, [&](const std::string& root) {
              CHECK_VIEW(IsMount(root + "/usr"));
              CHECK_VIEW(!IsMount(root + "/usr/bin"));
              CHECK_VIEW(TryToWrite(root + "/usr/bin") == EROFS);
              CHECK_VIEW(access((root + "/bin/sh").c_str(), X_OK) == 0);
            }));
}

TEST(View, PrivateDirectoriesCanBeWrittenAndTheRootCannot) {
  SANDBOX_SKIP_UNLESS(Feature::kUserNamespace);
  Request request;
  request.grants = SystemGrants();
  request.system = true;
  request.home = "/home/of/mine";
  EXPECT_EQ(0, InView(request, [&](const std::string& root) {
              for (const char* path : {"/tmp", "/dev/shm", "/home/of/mine"}) {
                CHECK_VIEW(TryToWrite(root + path) == 0);
              }
              for (const char* path : {"", "/dev", "/home"}) {
                CHECK_VIEW(TryToWrite(root + path) == EROFS);
              }
              CHECK_VIEW(ModeOf(root + "/tmp") == 01777);
              CHECK_VIEW(ModeOf(root + "/dev/shm") == 01777);
              CHECK_VIEW(ModeOf(root + "/dev") == 0755);
              CHECK_VIEW(ModeOf(root + "/home/of/mine") == 0700);
              const int null = open((root + "/dev/null").c_str(), O_WRONLY | O_CLOEXEC);
              CHECK_VIEW(write(null, "x", 1) == 1);
            }));
}

TEST(View, AGrantOfTheRootIsNeitherSealedNorChanged) {
  SANDBOX_SKIP_UNLESS(Feature::kUserNamespace);
  const testing::TempDir dir = testing::TempDir::Make("view").value();
  const std::string secret = dir.path() + "/secret";
  close(open(secret.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
  Request request;
  request.grants = {{.path = "/", .write = true}};
  request.masks = {{.path = secret}};
  request.system = true;
  EXPECT_EQ(0, InView(request, [&](const std::string& root) {
              CHECK_VIEW(TryToWrite(root + dir.path()) == 0);
              CHECK_VIEW(open((root + secret).c_str(), O_WRONLY | O_CLOEXEC) < 0);
              CHECK_VIEW(TryToWrite(root + "/dev") == 0);  // a private one over the host's
              CHECK_VIEW(access((root + "/dev/kmsg").c_str(), F_OK) != 0);
            }));
}

}  // namespace
}  // namespace sandbox::view
