#include "lib/overlay/testing_tree.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/overlay/directory.h"

namespace sandbox::overlay {
namespace {

std::string DefaultParent() {
  const char* const given = getenv("TEST_TMPDIR");
  return given != nullptr ? given : "/tmp";
}

void WriteWhole(const char* path, const std::string& text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  TREE_CHECK(fd >= 0);
  TREE_CHECK(write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  close(fd);
}

int WaitFor(pid_t pid) {
  int status = 0;
  TREE_CHECK(waitpid(pid, &status, 0) == pid);
  return status;
}

void EnterMountNamespace() {
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  TREE_CHECK(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0);
  WriteWhole("/proc/self/setgroups", "deny");
  WriteWhole("/proc/self/uid_map", absl::StrCat(uid, " ", uid, " 1"));
  WriteWhole("/proc/self/gid_map", absl::StrCat(gid, " ", gid, " 1"));
  TREE_CHECK(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
}

void ListInto(const std::string& path, const std::string& shown, bool times,
              std::map<ino_t, std::string>* seen, std::vector<std::string>* lines) {
  struct stat info = {};
  TREE_CHECK(lstat(path.c_str(), &info) == 0);
  std::string line = absl::StrFormat("%s %06o", shown, info.st_mode);
  if (times) absl::StrAppendFormat(&line, " %d.%09d", info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  if (S_ISREG(info.st_mode)) {
    absl::StrAppend(&line, " =", absl::Hex(std::hash<std::string>()(ReadFile(path))), "/",
                    info.st_size);
  }
  if (S_ISLNK(info.st_mode)) {
    char target[4096];
    const ssize_t size = readlink(path.c_str(), target, sizeof(target));
    TREE_CHECK(size >= 0);
    absl::StrAppend(&line, " ->", std::string(target, static_cast<size_t>(size)));
  }
  char names[4096];
  const ssize_t size = llistxattr(path.c_str(), names, sizeof(names));
  for (const char* at = names; size > 0 && at < names + size; at += strlen(at) + 1) {
    if (absl::StartsWith(at, "user.")) absl::StrAppend(&line, " ", at);
  }
  if (!S_ISDIR(info.st_mode) && info.st_nlink > 1) {
    absl::StrAppend(&line, " same as ", seen->emplace(info.st_ino, shown).first->second);
  }
  lines->push_back(std::move(line));
  if (!S_ISDIR(info.st_mode)) return;
  if ((info.st_mode & 0500) != 0500 && geteuid() != 0) return;  // listed by its mode only
  for (const std::string& name : NamesIn(path)) {
    ListInto(absl::StrCat(path, "/", name), absl::StrCat(shown, "/", name), times, seen, lines);
  }
}

}  // namespace

void TreeCheckFailed(const char* file, int line, const char* text) {
  fprintf(stderr, "%s:%d: %s: %s\n", file, line, text, strerror(errno));
  abort();
}

TempTree::TempTree() : TempTree(DefaultParent()) {}

TempTree::TempTree(const std::string& parent) : path_(parent + "/overlay-test-XXXXXX") {
  TREE_CHECK(mkdtemp(path_.data()) != nullptr);
}

TempTree::~TempTree() {
  const size_t slash = path_.rfind('/');
  const int parent = open(path_.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  TREE_CHECK(parent >= 0);
  TREE_CHECK(RemoveTree(parent, path_.substr(slash + 1)).ok());
  close(parent);
}

void MakeDir(const std::string& path, unsigned mode) {
  TREE_CHECK(mkdir(path.c_str(), 0755) == 0);
  TREE_CHECK(chmod(path.c_str(), mode) == 0);
}

void MakeFile(const std::string& path, const std::string& content, unsigned mode) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  TREE_CHECK(fd >= 0);
  TREE_CHECK(write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  TREE_CHECK(fchmod(fd, mode) == 0);
  close(fd);
}

void Append(const std::string& path, const std::string& content) {
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  TREE_CHECK(fd >= 0);
  TREE_CHECK(write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  close(fd);
}

void MakeWhiteout(const std::string& path) {
  TREE_CHECK(mknod(path.c_str(), S_IFCHR | 0600, 0) == 0);
}

void SetXattr(const std::string& path, const std::string& name, const std::string& value) {
  TREE_CHECK(setxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) == 0);
}

std::string ReadFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return "unreadable";
  std::string content;
  std::string block(65536, '\0');
  ssize_t got = 0;
  while ((got = read(fd, block.data(), block.size())) > 0) {
    content.append(block, 0, static_cast<size_t>(got));
  }
  TREE_CHECK(got == 0);
  close(fd);
  return content;
}

std::vector<std::string> ListTree(const std::string& path, bool times) {
  std::map<ino_t, std::string> seen;
  std::vector<std::string> lines;
  ListInto(path, ".", times, &seen, &lines);
  return lines;
}

std::vector<std::string> NamesIn(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  TREE_CHECK(fd >= 0);
  const absl::StatusOr<std::vector<std::string>> names = ListNames(fd);
  TREE_CHECK(names.ok());
  close(fd);
  return *names;
}

int RunBare(const std::string& workdir, const std::function<void()>& operate) {
  const pid_t pid = fork();
  TREE_CHECK(pid >= 0);
  if (pid == 0) {
    umask(022);
    TREE_CHECK(chdir(workdir.c_str()) == 0);
    operate();
    _exit(0);
  }
  return WaitFor(pid);
}

int RunInOverlay(const std::string& workdir, const std::string& layer_path,
                 const std::function<void()>& operate) {
  return RunBare(workdir, [&] {
    EnterMountNamespace();
    const std::string data =
        absl::StrCat("lowerdir=", workdir, ",upperdir=", layer_path, "/upper,workdir=", layer_path,
                     "/work,userxattr,volatile");
    TREE_CHECK(mount("overlay", workdir.c_str(), "overlay", 0, data.c_str()) == 0);
    TREE_CHECK(chdir(workdir.c_str()) == 0);
    operate();
  });
}

int RunInRamfs(const std::string& path, const std::function<void()>& operate) {
  return RunBare(path, [&] {
    EnterMountNamespace();
    TREE_CHECK(mount("ramfs", path.c_str(), "ramfs", 0, nullptr) == 0);
    TREE_CHECK(chdir(path.c_str()) == 0);
    operate();
  });
}

}  // namespace sandbox::overlay
