#include "lib/overlay/copy_entry.h"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"
#include "lib/overlay/directory.h"
#include "lib/overlay/xattrs.h"

namespace sandbox::overlay {
namespace {

constexpr size_t kBlock = size_t{256} * 1024;

// Copies [at, end), which is data, at the same offset.
absl::Status CopyRange(int from, int to, off_t at, off_t end, std::vector<char>& block) {
  while (at < end) {
    const size_t want = std::min(block.size(), static_cast<size_t>(end - at));
    const ssize_t got = pread(from, block.data(), want, at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError(errno, "pread");
    if (got == 0) return absl::AbortedError("a file of the layer shrank while it was copied");
    if (lseek(to, at, SEEK_SET) < 0) return ErrnoError(errno, "lseek");
    if (const int err = WriteAllSignalSafe(to, block.data(), static_cast<size_t>(got)); err != 0) {
      return ErrnoError(err, "write");
    }
    at += got;
  }
  return absl::OkStatus();
}

absl::Status CopyContent(int from, int to, off_t size) {
  if (ftruncate(to, size) != 0) return ErrnoError(errno, "ftruncate");
  std::vector<char> block(kBlock);
  for (off_t at = 0; at < size;) {
    const off_t data = lseek(from, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) break;  // a hole up to the end
    if (data < 0) return ErrnoError(errno, "lseek", "SEEK_DATA");
    const off_t hole = lseek(from, data, SEEK_HOLE);
    if (hole < 0) return ErrnoError(errno, "lseek", "SEEK_HOLE");
    RETURN_IF_ERROR(CopyRange(from, to, data, std::min(hole, size), block));
    at = hole;
  }
  return absl::OkStatus();
}

// Opens a file of ours for reading, whatever its mode.
absl::StatusOr<UniqueFd> OpenForReading(int dir_fd, const std::string& name,
                                        const struct stat& info) {
  absl::StatusOr<UniqueFd> fd = OpenEntry(dir_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (fd.ok() || GetErrno(fd.status()) != EACCES) return fd;
  ASSIGN_OR_RETURN(const UniqueFd path, OpenEntry(dir_fd, name, O_PATH));
  const mode_t mode = info.st_mode & 07777U;
  if (chmod(ProcPath(path.get()).c_str(), mode | 0400) != 0) return ErrnoError(errno, "chmod");
  fd = OpenEntry(dir_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (chmod(ProcPath(path.get()).c_str(), mode) != 0) return ErrnoError(errno, "chmod");
  return fd;
}

absl::Status CopyFile(int from_dir, int to_dir, const std::string& name, const std::string& temp,
                      const struct stat& info) {
  ASSIGN_OR_RETURN(const UniqueFd from, OpenForReading(from_dir, name, info));
  UniqueFd to(openat(to_dir, temp.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                     0600));
  if (!to.ok()) return ErrnoError(errno, "openat", temp);
  RETURN_IF_ERROR(CopyContent(from.get(), to.get(), info.st_size));
  mode_t mode = info.st_mode & 07777U;
  if (fchown(to.get(), info.st_uid, info.st_gid) != 0) {
    if (errno != EPERM) return ErrnoError(errno, "fchown");
    mode &= ~static_cast<mode_t>(S_ISUID | S_ISGID);
  }
  ASSIGN_OR_RETURN(const Xattrs xattrs, ContentXattrs(from.get(), Permission::kForce));
  RETURN_IF_ERROR(SetContentXattrs(to.get(), xattrs));
  if (fchmod(to.get(), mode) != 0) return ErrnoError(errno, "fchmod");
  const struct timespec times[2] = {info.st_atim, info.st_mtim};
  if (futimens(to.get(), times) != 0) return ErrnoError(errno, "futimens");
  if (fsync(to.get()) != 0) return ErrnoError(errno, "fsync");
  return absl::OkStatus();
}

absl::Status CopySpecial(int from_dir, int to_dir, const std::string& name,
                         const std::string& temp, const struct stat& info) {
  if (S_ISLNK(info.st_mode)) {
    std::string target(65536, '\0');
    const ssize_t size = readlinkat(from_dir, name.c_str(), target.data(), target.size());
    if (size < 0) return ErrnoError(errno, "readlinkat");
    target.resize(static_cast<size_t>(size));
    if (symlinkat(target.c_str(), to_dir, temp.c_str()) != 0) {
      return ErrnoError(errno, "symlinkat");
    }
  } else if (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode)) {
    if (mknodat(to_dir, temp.c_str(), (info.st_mode & S_IFMT) | 0600, 0) != 0) {
      return ErrnoError(errno, "mknodat");
    }
  } else {
    return absl::FailedPreconditionError("a device node in the layer");
  }
  const bool owned =
      fchownat(to_dir, temp.c_str(), info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) == 0;
  if (!owned && errno != EPERM) return ErrnoError(errno, "fchownat");
  if (!S_ISLNK(info.st_mode)) {
    ASSIGN_OR_RETURN(const UniqueFd made, OpenEntry(to_dir, temp, O_PATH));
    const mode_t mode = info.st_mode & (owned ? 07777U : 01777U);
    if (chmod(ProcPath(made.get()).c_str(), mode) != 0) return ErrnoError(errno, "chmod");
  }
  const struct timespec times[2] = {info.st_atim, info.st_mtim};
  if (utimensat(to_dir, temp.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return ErrnoError(errno, "utimensat");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CopyIntoPlace(int from_dir, int to_dir, const std::string& name,
                           const struct stat& info) {
  ASSIGN_OR_RETURN(const std::string random, RandomHex());
  const std::string temp = absl::StrCat(kTemporaryPrefix, random);
  absl::Cleanup remove = [&] { unlinkat(to_dir, temp.c_str(), 0); };
  RETURN_IF_ERROR(S_ISREG(info.st_mode) ? CopyFile(from_dir, to_dir, name, temp, info)
                                        : CopySpecial(from_dir, to_dir, name, temp, info));
  if (renameat(to_dir, temp.c_str(), to_dir, name.c_str()) != 0) {
    return ErrnoError(errno, "renameat", name);
  }
  std::move(remove).Cancel();
  return absl::OkStatus();
}

}  // namespace sandbox::overlay
