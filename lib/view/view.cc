#include "lib/view/view.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/sys/mount.h"

namespace sandbox::view {
namespace {

// mount(2)'s own bits; its header clashes with linux/mount.h.
constexpr uint64_t kMountNoSuid = 2;
constexpr uint64_t kMountNoDev = 4;
constexpr uint64_t kMountNoExec = 8;

constexpr uint64_t kNoSuidOrDevices = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

// What is mounted at `path` of the view: a copy of the host's tree, or an empty directory.
struct Entry {
  std::string path;
  UniqueFd tree;  // none: a private tmpfs of `mode`
  mode_t type = S_IFDIR;
  const char* mode = "0700";
};

// A symbolic link of the host on the way to a grant.
struct Link {
  std::string path;
  std::string target;
};

size_t Depth(const std::string& path) {
  return path == "/" ? 0 : static_cast<size_t>(std::count(path.begin(), path.end(), '/'));
}

bool IsBeneath(absl::string_view path, absl::string_view top) {
  return top == "/" || path == top ||
         (absl::StartsWith(path, top) && path.size() > top.size() && path[top.size()] == '/');
}

// The links that `path` leads through, in the order in which they are met.
std::vector<Link> LinksOf(const std::string& path) {
  std::vector<Link> links;
  std::string rest = path;
  for (int hops = 0; hops < 40; ++hops) {
    std::string so_far;
    bool jumped = false;
    const std::vector<std::string> parts = absl::StrSplit(rest, '/', absl::SkipEmpty());
    for (size_t i = 0; i < parts.size() && !jumped; ++i) {
      const std::string here = absl::StrCat(so_far, "/", parts[i]);
      char target[PATH_MAX];
      const ssize_t size = readlink(here.c_str(), target, sizeof target - 1);
      if (size < 0) {
        so_far = here;
        continue;
      }
      const std::string text(target, static_cast<size_t>(size));
      links.push_back({here, text});
      rest = absl::StartsWith(text, "/") ? text : absl::StrCat(so_far, "/", text);
      for (size_t j = i + 1; j < parts.size(); ++j) absl::StrAppend(&rest, "/", parts[j]);
      jumped = true;
    }
    if (!jumped) break;
  }
  return links;
}

absl::Status MakeDirectories(const std::string& path) {
  for (size_t i = 1; i <= path.size(); ++i) {
    if (i != path.size() && path[i] != '/') continue;
    const std::string part = path.substr(0, i);
    if (mkdir(part.c_str(), 0755) != 0 && errno != EEXIST) return ErrnoError(errno, "mkdir", part);
  }
  return absl::OkStatus();
}

absl::Status MakeMountPoint(const std::string& path, mode_t type) {
  if (type == S_IFDIR) return MakeDirectories(path);
  RETURN_IF_ERROR(MakeDirectories(path.substr(0, path.rfind('/'))));
  const UniqueFd file(open(path.c_str(), O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.ok() && errno != EEXIST) return ErrnoError(errno, "open", path);
  return absl::OkStatus();
}

absl::StatusOr<Entry> EntryOf(const Place& place) {
  Entry entry{.path = place.path, .tree = UniqueFd()};
  ASSIGN_OR_RETURN(entry.tree, sys::CloneTree(place.path));
  struct stat info = {};
  if (fstat(entry.tree.get(), &info) != 0) return ErrnoError(errno, "fstat", place.path);
  entry.type = info.st_mode & S_IFMT;
  const bool is_device = S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode);
  RETURN_IF_ERROR(sys::SetTreeAttributes(
      entry.tree.get(), (is_device ? MOUNT_ATTR_NOSUID : kNoSuidOrDevices) |
                            (place.grant.write ? 0 : MOUNT_ATTR_RDONLY)));
  return entry;
}

bool IsGranted(const std::string& path, const std::vector<Place>& places) {
  return std::any_of(places.begin(), places.end(),
                     [&](const Place& place) { return IsBeneath(path, place.path); });
}

// Device nodes of the host that every program may use.
constexpr const char* kDevices[] = {"null", "zero", "full", "random", "urandom", "tty"};

absl::Status AddDevices(std::vector<Entry>& entries) {
  entries.push_back({.path = "/dev", .tree = UniqueFd(), .mode = "0755"});
  for (const char* name : kDevices) {
    Place place{.path = absl::StrCat("/dev/", name), .grant = {}};
    place.grant.write = true;
    ASSIGN_OR_RETURN(Entry entry, EntryOf(place));
    entries.push_back(std::move(entry));
  }
  entries.push_back({.path = "/dev/shm", .tree = UniqueFd(), .mode = "1777"});
  return absl::OkStatus();
}

absl::Status FinishDevices(const std::string& dev) {
  RETURN_IF_ERROR(MakeDirectories(absl::StrCat(dev, "/pts")));
  RETURN_IF_ERROR(sys::Mount("devpts", absl::StrCat(dev, "/pts"), "devpts",
                             kMountNoSuid | kMountNoExec,
                             "newinstance,ptmxmode=0666,mode=620"));
  const std::pair<const char*, const char*> links[] = {{"pts/ptmx", "ptmx"},
                                                       {"/proc/self/fd", "fd"},
                                                       {"/proc/self/fd/0", "stdin"},
                                                       {"/proc/self/fd/1", "stdout"},
                                                       {"/proc/self/fd/2", "stderr"}};
  for (const auto& [target, name] : links) {
    const std::string path = absl::StrCat(dev, "/", name);
    if (symlink(target, path.c_str()) != 0) return ErrnoError(errno, "symlink", path);
  }
  return absl::OkStatus();
}

// The first directory that can carry the new root: everything was taken from the old one already.
absl::StatusOr<std::string> MountRoot() {
  for (const char* path : {"/tmp", "/usr", "/var", "/etc"}) {
    struct stat info = {};
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
      RETURN_IF_ERROR(sys::Mount("tmpfs", path, "tmpfs", kMountNoSuid | kMountNoDev,
                                 "mode=0755,size=4m"));
      return std::string(path);
    }
  }
  return absl::NotFoundError("no directory to mount the new root on");
}

absl::Status Attach(const std::string& root, const Entry& entry) {
  const std::string target = entry.path == "/" ? root : root + entry.path;
  RETURN_IF_ERROR(MakeMountPoint(target, entry.type));
  if (entry.tree.ok()) return sys::AttachTree(entry.tree.get(), target);
  return sys::Mount("tmpfs", target, "tmpfs", kMountNoSuid | kMountNoDev,
                    absl::StrCat("mode=", entry.mode));
}

}  // namespace

absl::StatusOr<std::string> Build(const Request& request) {
  ASSIGN_OR_RETURN(const std::vector<Place> places, Resolve(request.grants));
  std::vector<Entry> entries;
  std::vector<Link> links;
  for (const Place& place : places) {
    ASSIGN_OR_RETURN(Entry entry, EntryOf(place));
    entries.push_back(std::move(entry));
    for (Link& link : LinksOf(place.grant.path)) links.push_back(std::move(link));
  }
  if (request.system) {
    if (!IsGranted("/tmp", places)) {
      entries.push_back({.path = "/tmp", .tree = UniqueFd(), .mode = "1777"});
    }
    if (request.home.size() > 1 && !IsGranted(request.home, places)) {
      entries.push_back({.path = request.home, .tree = UniqueFd(), .mode = "0700"});
    }
    RETURN_IF_ERROR(AddDevices(entries));
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return Depth(a.path) < Depth(b.path);
  });
  ASSIGN_OR_RETURN(std::string root, MountRoot());
  for (const Entry& entry : entries) {
    if (absl::Status status = Attach(root, entry); !status.ok()) {
      return Annotate(status, absl::StrCat("cannot show ", entry.path));
    }
  }
  if (request.system) RETURN_IF_ERROR(FinishDevices(root + "/dev"));
  for (const Link& link : links) {
    const std::string path = root + link.path;
    RETURN_IF_ERROR(MakeDirectories(path.substr(0, path.rfind('/'))));
    if (symlink(link.target.c_str(), path.c_str()) != 0 && errno != EEXIST) {
      return ErrnoError(errno, "symlink", link.path);
    }
  }
  RETURN_IF_ERROR(MakeDirectories(root + "/proc"));
  return root;
}

absl::Status SealRoot() {
  const UniqueFd root(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.ok()) return ErrnoError(errno, "open", "/");
  return sys::SetMountAttributes(root.get(), MOUNT_ATTR_RDONLY);
}

}  // namespace sandbox::view
