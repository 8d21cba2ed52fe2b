// What directories hold: making, removing and moving entries.

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <cstring>
#include <unistd.h>

#include "tests/victims/attacks.h"

namespace victims {
namespace {

Outcome Unlink(char* const* args) { return Outcome::Of(unlink(args[0])); }
Outcome Rmdir(char* const* args) { return Outcome::Of(rmdir(args[0])); }
Outcome Link(char* const* args) { return Outcome::Of(link(args[0], args[1])); }
Outcome Rename(char* const* args) { return Outcome::Of(rename(args[0], args[1])); }
Outcome Mkdir(char* const* args) { return Outcome::Of(mkdir(args[0], 0700)); }
Outcome Symlink(char* const* args) { return Outcome::Of(symlink("target", args[0])); }
Outcome Mkfifo(char* const* args) { return Outcome::Of(mkfifo(args[0], 0600)); }

Outcome Exchange(char* const* args) {
  return Outcome::Of(renameat2(AT_FDCWD, args[0], AT_FDCWD, args[1], RENAME_EXCHANGE));
}

// What stays behind is a device 0:0: it hides a file of a layer below.
Outcome Whiteout(char* const* args) {
  return Outcome::Of(renameat2(AT_FDCWD, args[0], AT_FDCWD, args[1], RENAME_WHITEOUT));
}

Outcome Mknod(char* const* args) {
  const mode_t type = args[1][0] == 'b' ? S_IFBLK : S_IFCHR;
  const dev_t device = makedev(static_cast<unsigned>(atoi(args[2])),
                               static_cast<unsigned>(atoi(args[3])));
  return Outcome::Of(mknod(args[0], type | 0600, device));
}

Outcome MakeSocket(char* const* args) {
  sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
  if (strlen(args[0]) >= sizeof(address.sun_path)) return Outcome::Void(ENAMETOOLONG);
  strcpy(address.sun_path, args[0]);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Outcome::Void(errno);
  return Outcome::Of(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
}

// A file without a name in the directory; with a second argument it gets that name.
Outcome Tmpfile(char* const* args) {
  const int fd = open(args[0], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0 || args[1] == nullptr) return Outcome::Of(fd);
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  return Outcome::Of(linkat(AT_FDCWD, path.c_str(), AT_FDCWD, args[1], AT_SYMLINK_FOLLOW));
}

// A name for an inherited descriptor.
Outcome LinkFd(char* const* args) {
  const std::string path = "/proc/self/fd/" + std::string(args[0]);
  return Outcome::Of(linkat(AT_FDCWD, path.c_str(), AT_FDCWD, args[1], AT_SYMLINK_FOLLOW));
}

// Another name for the directory on the way, and then its file by that.
Outcome RenameThenRead(char* const* args) {
  if (rename(args[0], args[1]) != 0) return Outcome::Blocked(errno);
  const int fd = open((std::string(args[1]) + "/" + args[2]).c_str(), O_RDONLY | O_CLOEXEC);
  return Outcome::Of(fd);
}

Outcome RenameThenWrite(char* const* args) {
  if (rename(args[0], args[1]) != 0) return Outcome::Blocked(errno);
  const std::string path = std::string(args[1]) + "/" + args[2];
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  return fd < 0 ? Outcome::Blocked(errno) : Outcome::Of(write(fd, "attack\n", 7));
}

// A new directory where the old one was, with all on the way to FILE, and a file there.
Outcome MoveAndMakeAnew(char* const* args) {
  if (rename(args[0], args[1]) != 0) return Outcome::Blocked(errno);
  if (mkdir(args[0], 0700) != 0) return Outcome::Blocked(errno);
  std::string path = std::string(args[0]) + "/" + args[2];
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    mkdir(path.substr(0, at).c_str(), 0700);
  }
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  return fd < 0 ? Outcome::Blocked(errno) : Outcome::Of(write(fd, "attack\n", 7));
}

// As mkdir -p of the directory and the file in it.
Outcome MakePath(char* const* args) {
  const std::string path = args[0];
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    mkdir(path.substr(0, at).c_str(), 0700);
  }
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  return fd < 0 ? Outcome::Blocked(errno) : Outcome::Of(write(fd, "attack\n", 7));
}

// A link to the directory, and the file by way of it.
Outcome LinkThenWrite(char* const* args) {
  if (symlink(args[0], args[1]) != 0) return Outcome::Blocked(errno);
  const std::string path = std::string(args[1]) + "/" + args[2];
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  return fd < 0 ? Outcome::Blocked(errno) : Outcome::Of(write(fd, "attack\n", 7));
}

constexpr Row kRows[] = {
    {"unlink", Unlink, 1, 1, "PATH"},
    {"rmdir", Rmdir, 1, 1, "PATH"},
    {"link", Link, 2, 2, "FROM TO"},
    {"rename", Rename, 2, 2, "FROM TO"},
    {"exchange", Exchange, 2, 2, "PATH PATH"},
    {"whiteout", Whiteout, 2, 2, "FROM TO"},
    {"rename_then_read", RenameThenRead, 3, 3, "DIRECTORY TO NAME"},
    {"rename_then_write", RenameThenWrite, 3, 3, "DIRECTORY TO NAME"},
    {"move_and_make_anew", MoveAndMakeAnew, 3, 3, "DIRECTORY TO FILE"},
    {"make_path", MakePath, 1, 1, "PATH"},
    {"link_then_write", LinkThenWrite, 3, 3, "DIRECTORY LINK NAME"},
    {"mkdir", Mkdir, 1, 1, "PATH"},
    {"symlink", Symlink, 1, 1, "PATH"},
    {"mkfifo", Mkfifo, 1, 1, "PATH"},
    {"mknod", Mknod, 4, 4, "PATH c|b MAJOR MINOR"},
    {"make_socket", MakeSocket, 1, 1, "PATH"},
    {"tmpfile", Tmpfile, 1, 2, "DIRECTORY [PATH]"},
    {"link_fd", LinkFd, 2, 2, "NUMBER PATH"},
};

}  // namespace

Table EntryAttacks() { return kRows; }

}  // namespace victims
