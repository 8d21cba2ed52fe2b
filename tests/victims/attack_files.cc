#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/victims/attacks.h"

namespace victims {
namespace {

Outcome ReadFrom(int fd) {
  if (fd < 0) return Outcome::Blocked(errno);
  char buffer[4096];
  ssize_t size = read(fd, buffer, sizeof(buffer));
  if (size < 0 && errno == EISDIR) size = syscall(SYS_getdents64, fd, buffer, sizeof(buffer));
  const Outcome outcome = Outcome::Of(size);
  close(fd);
  return outcome;
}

Outcome ReadPath(const char* path) {
  return ReadFrom(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

}  // namespace

Outcome Read(char* const* args) { return ReadPath(args[0]); }

// Adds a line to the file, which is made when it is not there.
Outcome Write(char* const* args) {
  const int fd = open(args[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return Outcome::Blocked(errno);
  const Outcome outcome = Outcome::Of(write(fd, "attack\n", 7));
  close(fd);
  return outcome;
}

// Sets a mode that differs from the present one.
Outcome Chmod(char* const* args) {
  struct stat info = {};
  if (stat(args[0], &info) != 0) return Outcome::Blocked(errno);
  return Outcome::Of(chmod(args[0], (info.st_mode & 07777) ^ 0001));
}

Outcome Utimes(char* const* args) {
  const timespec times[2] = {{1, 0}, {1, 0}};
  return Outcome::Of(utimensat(AT_FDCWD, args[0], times, 0));
}

Outcome SetXattr(char* const* args) {
  return Outcome::Of(setxattr(args[0], "user.attack", "x", 1, 0));
}

Outcome Truncate(char* const* args) { return Outcome::Of(truncate(args[0], 0)); }
Outcome Unlink(char* const* args) { return Outcome::Of(unlink(args[0])); }
Outcome Link(char* const* args) { return Outcome::Of(link(args[0], args[1])); }
Outcome Rename(char* const* args) { return Outcome::Of(rename(args[0], args[1])); }

// The path by way of the magic links to the root directory.
Outcome ProcRoot(char* const* args) {
  Outcome outcome = Outcome::Blocked(ENOENT);
  for (const char* root : {"/proc/self/root", "/proc/self/root/..", "/proc/thread-self/root",
                           "/proc/1/root", "/proc/self/cwd/../../../../../../../../.."}) {
    outcome = ReadPath((std::string(root) + "/" + args[0]).c_str());
    if (outcome.kind == Outcome::kSuccess) return outcome;
  }
  return outcome;
}

// The path by way of a symbolic link in the current directory, where one can be made.
Outcome SymlinkOut(char* const* args) {
  const std::string link = "attack-link-" + std::to_string(getpid());
  if (symlink(args[0], link.c_str()) != 0) return Outcome::Void(errno);
  const Outcome outcome = ReadPath(link.c_str());
  unlink(link.c_str());
  return outcome;
}

Outcome InheritedFd(char* const* args) {
  struct stat info = {};
  return Outcome::Of(fstat(atoi(args[0]), &info));
}

// A tmpfs over the current directory. In a mount namespace of its own where the caller may make
// one, so that the control changes nothing: who may not, may not mount either.
Outcome Mount(char* const*) {
  if (unshare(CLONE_NEWNS) == 0 &&
      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return Outcome::Blocked(errno);
  }
  return Outcome::Of(mount("none", ".", "tmpfs", 0, nullptr));
}

Outcome Chroot(char* const*) { return Outcome::Of(chroot(".")); }

}  // namespace victims
