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

constexpr Row kRows[] = {
    {"unlink", Unlink, 1, 1, "PATH"},
    {"rmdir", Rmdir, 1, 1, "PATH"},
    {"link", Link, 2, 2, "FROM TO"},
    {"rename", Rename, 2, 2, "FROM TO"},
    {"exchange", Exchange, 2, 2, "PATH PATH"},
    {"whiteout", Whiteout, 2, 2, "FROM TO"},
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
