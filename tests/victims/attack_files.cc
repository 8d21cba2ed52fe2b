// What files hold: reading it, writing it, and the ways round to them.

#include <climits>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/openat2.h>
#include <memory>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

Outcome WriteTo(int fd) {
  if (fd < 0) return Outcome::Blocked(errno);
  const Outcome outcome = Outcome::Of(write(fd, "attack\n", 7));
  close(fd);
  return outcome;
}

Outcome ReadPath(const char* path) {
  return ReadFrom(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

std::string DescriptorPath(const char* number) {
  return "/proc/self/fd/" + std::string(number);
}

Outcome Read(char* const* args) { return ReadPath(args[0]); }

// Adds a line to the file, which is made when it is not there.
Outcome Write(char* const* args) {
  return WriteTo(open(args[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
}

// For files of which only the opening matters: nothing is written.
Outcome OpenForWriting(char* const* args) {
  constexpr int kFlags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  const int fd = open(args[0], O_WRONLY | kFlags);
  if (fd >= 0 || errno != ENXIO) return Outcome::Of(fd);
  return Outcome::Of(open(args[0], O_RDWR | kFlags));  // a FIFO that nobody reads
}

Outcome Creat(char* const* args) {
  return WriteTo(static_cast<int>(syscall(SYS_creat, args[0], 0600)));
}

// Truncates with a mode that only reads.
Outcome TruncateReading(char* const* args) {
  return Outcome::Of(open(args[0], O_RDONLY | O_TRUNC | O_CLOEXEC));
}

Outcome Truncate(char* const* args) { return Outcome::Of(truncate(args[0], 0)); }

Outcome OpenAt2(char* const* args) {
  open_how how = {.flags = O_RDONLY | O_CLOEXEC, .mode = 0, .resolve = RESOLVE_NO_SYMLINKS};
  return ReadFrom(
      static_cast<int>(syscall(SYS_openat2, AT_FDCWD, args[0], &how, sizeof(how))));
}

Outcome OpenAt2Writing(char* const* args) {
  open_how how = {.flags = O_WRONLY | O_APPEND | O_CLOEXEC, .mode = 0, .resolve = 0};
  return WriteTo(static_cast<int>(syscall(SYS_openat2, AT_FDCWD, args[0], &how, sizeof(how))));
}

// A shared mapping that is written, of a file that was opened to be read.
Outcome MapWriting(char* const* args) {
  const int fd = open(args[0], O_RDWR | O_CLOEXEC);
  if (fd < 0) return Outcome::Blocked(errno);
  void* const page = mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) return Outcome::Blocked(errno);
  *static_cast<volatile char*>(page) = 'x';
  return Outcome::Success();
}

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

// The path by way of symbolic links in the current directory, one to the next.
Outcome ThroughLinks(const char* target, int count) {
  const std::string first = "attack-link-" + std::to_string(getpid());
  std::string last = target;
  Outcome outcome = Outcome::Void(0);
  int made = 0;
  for (; made < count; ++made) {
    const std::string link = first + "-" + std::to_string(made);
    if (symlink(last.c_str(), link.c_str()) != 0) {
      outcome = Outcome::Void(errno);
      break;
    }
    last = link;
  }
  if (made == count) outcome = ReadPath(last.c_str());
  while (made > 0) unlink((first + "-" + std::to_string(--made)).c_str());
  return outcome;
}

Outcome SymlinkOut(char* const* args) { return ThroughLinks(args[0], 1); }
Outcome SymlinkChain(char* const* args) { return ThroughLinks(args[0], 39); }

// Not by name: a path descriptor first, which asks for no right, then that one again.
Outcome ReopenPath(char* const* args) {
  const int fd = open(args[0], O_PATH | O_CLOEXEC);
  if (fd < 0) return Outcome::Blocked(errno);
  return WriteTo(open(DescriptorPath(std::to_string(fd).c_str()).c_str(), O_RDWR | O_APPEND));
}

// From within: a directory needs no right to be entered.
Outcome EnterAndRead(char* const* args) {
  if (chdir(args[0]) != 0) return Outcome::Blocked(errno);
  return ReadPath(args[1]);
}

Outcome InheritedFd(char* const* args) {
  struct stat info = {};
  return Outcome::Of(fstat(atoi(args[0]), &info));
}

Outcome ReadFd(char* const* args) { return ReadFrom(atoi(args[0])); }
Outcome WriteFd(char* const* args) { return WriteTo(atoi(args[0])); }

// With more rights than it was opened with.
Outcome ReopenFdWriting(char* const* args) {
  return WriteTo(open(DescriptorPath(args[0]).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
}

Outcome ReopenFdReading(char* const* args) { return ReadPath(DescriptorPath(args[0]).c_str()); }

Outcome ReadBeneathFd(char* const* args) {
  return ReadFrom(openat(atoi(args[0]), args[1], O_RDONLY | O_CLOEXEC));
}

Outcome EnterFdAndRead(char* const* args) {
  if (fchdir(atoi(args[0])) != 0) return Outcome::Blocked(errno);
  return ReadPath(args[1]);
}

struct Handle {
  file_handle header;
  unsigned char bytes[MAX_HANDLE_SZ];
};

// A file by its number, which no path leads to: of the current directory's, as that one is granted,
// with the inode of another put in. ext4's form: inode, generation.
Outcome OpenByHandle(char* const* args) {
  auto handle = std::make_unique<Handle>();
  handle->header.handle_bytes = MAX_HANDLE_SZ;
  int mount = 0;
  const char* const named = args[0];
  if (name_to_handle_at(AT_FDCWD, named, &handle->header, &mount, 0) != 0) {
    // Hidden: a made-up one, of the root directory.
    handle->header.handle_bytes = 8;
    handle->header.handle_type = 1;
    const uint32_t root[2] = {2, 0};
    memcpy(handle->header.f_handle, root, sizeof(root));
  }
  const int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (here < 0) return Outcome::Void(errno);
  return Outcome::Of(open_by_handle_at(here, &handle->header, O_RDONLY | O_CLOEXEC));
}

// Succeeds when the program ran to exit 0.
Outcome Execute(char* const* args) {
  const pid_t pid = fork();
  if (pid < 0) return Outcome::Void(errno);
  if (pid == 0) {
    execv(args[0], args);
    _exit(errno);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) return Outcome::Killed(WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? Outcome::Success() : Outcome::Blocked(WEXITSTATUS(status));
}

constexpr Row kRows[] = {
    {"read", Read, 1, 1, "PATH"},
    {"write", Write, 1, 1, "PATH"},
    {"open_writing", OpenForWriting, 1, 1, "PATH"},
    {"creat", Creat, 1, 1, "PATH"},
    {"truncate", Truncate, 1, 1, "PATH"},
    {"truncate_reading", TruncateReading, 1, 1, "PATH"},
    {"openat2", OpenAt2, 1, 1, "PATH"},
    {"openat2_writing", OpenAt2Writing, 1, 1, "PATH"},
    {"map_writing", MapWriting, 1, 1, "PATH"},
    {"proc_root", ProcRoot, 1, 1, "PATH"},
    {"symlink_out", SymlinkOut, 1, 1, "PATH"},
    {"symlink_chain", SymlinkChain, 1, 1, "PATH"},
    {"reopen_path", ReopenPath, 1, 1, "PATH"},
    {"enter_and_read", EnterAndRead, 2, 2, "DIRECTORY NAME"},
    {"inherited_fd", InheritedFd, 1, 1, "NUMBER"},
    {"read_fd", ReadFd, 1, 1, "NUMBER"},
    {"write_fd", WriteFd, 1, 1, "NUMBER"},
    {"reopen_fd_writing", ReopenFdWriting, 1, 1, "NUMBER"},
    {"reopen_fd_reading", ReopenFdReading, 1, 1, "NUMBER"},
    {"read_beneath_fd", ReadBeneathFd, 2, 2, "NUMBER NAME"},
    {"enter_fd_and_read", EnterFdAndRead, 2, 2, "NUMBER NAME"},
    {"open_by_handle", OpenByHandle, 1, 1, "PATH"},
    {"execute", Execute, 1, 2, "PATH [ARG]"},
};

}  // namespace

Table FileAttacks() { return kRows; }

}  // namespace victims
