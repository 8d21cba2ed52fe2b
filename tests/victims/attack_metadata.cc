// What is known of files, and what can be done to them without opening them to be written.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/fs.h>
#include <memory>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include "tests/victims/attacks.h"

namespace victims {
namespace {

constexpr timespec kLongAgo[2] = {{1, 0}, {1, 0}};
constexpr long kNrFchmodAt2 = 452;
constexpr long kNrSetXattrAt = 463;
constexpr long kNrFileSetattr = 469;

int OpenReading(const char* path) { return open(path, O_RDONLY | O_CLOEXEC); }

// A mode that differs from the present one.
Outcome Chmod(char* const* args) {
  struct stat info = {};
  if (stat(args[0], &info) != 0) return Outcome::Blocked(errno);
  return Outcome::Of(chmod(args[0], (info.st_mode & 07777) ^ 0001));
}

Outcome ChmodAt2(char* const* args) {
  return Outcome::Of(syscall(kNrFchmodAt2, AT_FDCWD, args[0], 0600, 0));
}

Outcome ChmodFd(char* const* args) {
  struct stat info = {};
  if (fstat(atoi(args[0]), &info) != 0) return Outcome::Blocked(errno);
  return Outcome::Of(fchmod(atoi(args[0]), (info.st_mode & 07777) ^ 0001));
}

Outcome ChmodOpened(char* const* args) {
  const int fd = OpenReading(args[0]);
  return fd < 0 ? Outcome::Blocked(errno) : Outcome::Of(fchmod(fd, 0600));
}

Outcome SetUserIdBit(char* const* args) {
  if (chmod(args[0], 04755) != 0) return Outcome::Blocked(errno);
  struct stat info = {};
  if (stat(args[0], &info) != 0) return Outcome::Void(errno);
  return (info.st_mode & S_ISUID) != 0 ? Outcome::Success() : Outcome::Blocked(EPERM);
}

// To the group that it has.
Outcome Chown(char* const* args) {
  return Outcome::Of(chown(args[0], static_cast<uid_t>(-1), getegid()));
}

Outcome Utimes(char* const* args) {
  return Outcome::Of(utimensat(AT_FDCWD, args[0], kLongAgo, 0));
}

Outcome UtimeOld(char* const* args) {
  const utimbuf times = {1, 1};
  return Outcome::Of(syscall(SYS_utime, args[0], &times));
}

Outcome UtimesFd(char* const* args) { return Outcome::Of(futimens(atoi(args[0]), kLongAgo)); }

Outcome SetXattr(char* const* args) {
  return Outcome::Of(setxattr(args[0], "user.attack", "x", 1, 0));
}

Outcome SetXattrAt(char* const* args) {
  struct {
    uint64_t value;
    uint32_t size;
    uint32_t flags;
  } how = {reinterpret_cast<uint64_t>("x"), 1, 0};
  return Outcome::Of(
      syscall(kNrSetXattrAt, AT_FDCWD, args[0], 0, "user.attack", &how, sizeof(how)));
}

Outcome RemoveXattr(char* const* args) {
  return Outcome::Of(removexattr(args[0], "user.canary"));
}

// An access list that says what the mode says.
Outcome SetAcl(char* const* args) {
  static constexpr unsigned char kMinimal[] = {2, 0, 0, 0,  // version
                                               1,    0, 6, 0, 0xff, 0xff, 0xff, 0xff,   // owner
                                               4,    0, 4, 0, 0xff, 0xff, 0xff, 0xff,   // group
                                               0x20, 0, 4, 0, 0xff, 0xff, 0xff, 0xff};  // other
  return Outcome::Of(
      setxattr(args[0], "system.posix_acl_access", kMinimal, sizeof(kMinimal), 0));
}

// No-dump, which backups heed; a descriptor that reads is enough.
Outcome SetFlags(char* const* args) {
  const int fd = OpenReading(args[0]);
  if (fd < 0) return Outcome::Blocked(errno);
  int flags = 0;
  if (ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0) return Outcome::Void(errno);
  flags ^= FS_NODUMP_FL;
  return Outcome::Of(ioctl(fd, FS_IOC_SETFLAGS, &flags));
}

Outcome SetExtendedFlags(char* const* args) {
  const int fd = OpenReading(args[0]);
  if (fd < 0) return Outcome::Blocked(errno);
  fsxattr attributes = {};
  if (ioctl(fd, FS_IOC_FSGETXATTR, &attributes) != 0) return Outcome::Void(errno);
  attributes.fsx_xflags ^= FS_XFLAG_NODUMP;
  return Outcome::Of(ioctl(fd, FS_IOC_FSSETXATTR, &attributes));
}

Outcome FileSetattr(char* const* args) {
  struct {
    uint64_t xflags;
    uint32_t extent_size, extents, project, cow_extent_size;
  } how = {FS_XFLAG_NODUMP, 0, 0, 0, 0};
  return Outcome::Of(syscall(kNrFileSetattr, AT_FDCWD, args[0], &how, sizeof(how), 0));
}

Outcome Stat(char* const* args) {
  struct stat info = {};
  return Outcome::Of(stat(args[0], &info));
}

Outcome Access(char* const* args) { return Outcome::Of(access(args[0], F_OK)); }

Outcome Statfs(char* const* args) {
  struct statfs info = {};
  return Outcome::Of(statfs(args[0], &info));
}

Outcome Readlink(char* const* args) {
  char target[4096];
  return Outcome::Of(readlink(args[0], target, sizeof(target)));
}

Outcome GetXattr(char* const* args) {
  char value[64];
  return Outcome::Of(getxattr(args[0], "user.canary", value, sizeof(value)));
}

Outcome NameToHandle(char* const* args) {
  struct Handle {
    file_handle header;
    unsigned char bytes[MAX_HANDLE_SZ];
  };
  auto handle = std::make_unique<Handle>();
  handle->header.handle_bytes = MAX_HANDLE_SZ;
  int mount = 0;
  return Outcome::Of(name_to_handle_at(AT_FDCWD, args[0], &handle->header, &mount, 0));
}

Outcome OpenPath(char* const* args) { return Outcome::Of(open(args[0], O_PATH | O_CLOEXEC)); }
Outcome Chdir(char* const* args) { return Outcome::Of(chdir(args[0])); }

Outcome Watch(char* const* args) {
  const int fd = inotify_init1(IN_CLOEXEC);
  if (fd < 0) return Outcome::Blocked(errno);
  return Outcome::Of(inotify_add_watch(fd, args[0], IN_ALL_EVENTS));
}

// Holds up whoever else locks it.
Outcome Lock(char* const* args) {
  const int fd = OpenReading(args[0]);
  return fd < 0 ? Outcome::Blocked(errno) : Outcome::Of(flock(fd, LOCK_EX | LOCK_NB));
}

// Holds up whoever opens it.
Outcome Lease(char* const* args) {
  const int fd = OpenReading(args[0]);
  return fd < 0 ? Outcome::Blocked(errno) : Outcome::Of(fcntl(fd, F_SETLEASE, F_RDLCK));
}

constexpr Row kRows[] = {
    {"chmod", Chmod, 1, 1, "PATH"},
    {"chmodat2", ChmodAt2, 1, 1, "PATH"},
    {"chmod_fd", ChmodFd, 1, 1, "NUMBER"},
    {"chmod_opened", ChmodOpened, 1, 1, "PATH"},
    {"set_user_id_bit", SetUserIdBit, 1, 1, "PATH"},
    {"chown", Chown, 1, 1, "PATH"},
    {"utimes", Utimes, 1, 1, "PATH"},
    {"utime_old", UtimeOld, 1, 1, "PATH"},
    {"utimes_fd", UtimesFd, 1, 1, "NUMBER"},
    {"setxattr", SetXattr, 1, 1, "PATH"},
    {"setxattrat", SetXattrAt, 1, 1, "PATH"},
    {"removexattr", RemoveXattr, 1, 1, "PATH"},
    {"set_acl", SetAcl, 1, 1, "PATH"},
    {"set_flags", SetFlags, 1, 1, "PATH"},
    {"set_xflags", SetExtendedFlags, 1, 1, "PATH"},
    {"file_setattr", FileSetattr, 1, 1, "PATH"},
    {"stat", Stat, 1, 1, "PATH"},
    {"access", Access, 1, 1, "PATH"},
    {"statfs", Statfs, 1, 1, "PATH"},
    {"readlink", Readlink, 1, 1, "PATH"},
    {"getxattr", GetXattr, 1, 1, "PATH"},
    {"name_to_handle", NameToHandle, 1, 1, "PATH"},
    {"open_path", OpenPath, 1, 1, "PATH"},
    {"chdir", Chdir, 1, 1, "PATH"},
    {"watch", Watch, 1, 1, "PATH"},
    {"lock", Lock, 1, 1, "PATH"},
    {"lease", Lease, 1, 1, "PATH"},
};

}  // namespace

Table MetadataAttacks() { return kRows; }

}  // namespace victims
