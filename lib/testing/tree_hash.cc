#include "lib/testing/tree_hash.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <dirent.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lib/base/status.h"
#include "lib/testing/files.h"
#include "lib/testing/sha256.h"

namespace sandbox::testing {
namespace {

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};

absl::string_view TypeName(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR: return "dir";
    case S_IFREG: return "file";
    case S_IFLNK: return "link";
    case S_IFIFO: return "fifo";
    case S_IFSOCK: return "socket";
    case S_IFCHR: return "char";
    default: return "block";
  }
}

absl::StatusOr<std::string> LinkTarget(const std::string& path) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = readlink(path.c_str(), target.data(), target.size());
  if (size < 0) return ErrnoError(errno, "readlink", path);
  target.resize(static_cast<size_t>(size));
  return target;
}

// Adds the lines of what is in `directory`, each path beginning with `prefix`.
absl::Status AddEntries(const std::string& directory, const std::string& prefix,
                        std::vector<std::string>& lines) {
  const std::unique_ptr<DIR, CloseDir> dir(opendir(directory.c_str()));
  if (dir == nullptr) return ErrnoError(errno, "opendir", directory);
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(dir.get());
    if (entry == nullptr) {
      return errno == 0 ? absl::OkStatus() : ErrnoError(errno, "readdir", directory);
    }
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    const std::string path = absl::StrCat(directory, "/", name);
    struct stat info = {};
    if (lstat(path.c_str(), &info) != 0) return ErrnoError(errno, "lstat", path);
    std::string content;
    if (S_ISREG(info.st_mode)) {
      ASSIGN_OR_RETURN(const std::string data, ReadFile(path));
      content = absl::StrCat(" ", Sha256Hex(data));
    } else if (S_ISLNK(info.st_mode)) {
      ASSIGN_OR_RETURN(const std::string target, LinkTarget(path));
      content = absl::StrCat(" ", absl::CHexEscape(target));
    }
    lines.push_back(absl::StrFormat("%s%s %s %04o%s\n", prefix, absl::CHexEscape(name),
                                    TypeName(info.st_mode), info.st_mode & 07777u, content));
    if (S_ISDIR(info.st_mode)) {
      RETURN_IF_ERROR(AddEntries(path, absl::StrCat(prefix, absl::CHexEscape(name), "/"), lines));
    }
  }
}

}  // namespace

absl::StatusOr<std::string> TreeManifest(absl::string_view top) {
  std::vector<std::string> lines;
  RETURN_IF_ERROR(AddEntries(std::string(top), "", lines));
  std::sort(lines.begin(), lines.end());
  return absl::StrJoin(lines, "");
}

absl::StatusOr<std::string> TreeHash(absl::string_view top) {
  ASSIGN_OR_RETURN(const std::string manifest, TreeManifest(top));
  return Sha256Hex(manifest);
}

}  // namespace sandbox::testing
