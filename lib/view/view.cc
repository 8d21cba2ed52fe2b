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
  bool is_mask = false;  // an empty one that is sealed at the end
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

bool IsSame(const struct stat& info, const Identity& identity, bool layered) {
  if (identity.inode == 0) return true;
  if (info.st_dev != identity.device) return layered;
  return info.st_ino == identity.inode || layered;
}

absl::StatusOr<Entry> EntryOf(const Place& place, bool layered) {
  Entry entry{.path = place.path, .tree = UniqueFd()};
  ASSIGN_OR_RETURN(entry.tree, sys::CloneTree(place.path));
  struct stat info = {};
  if (fstat(entry.tree.get(), &info) != 0) return ErrnoError(errno, "fstat", place.path);
  if (!IsSame(info, place.grant.identity, layered)) {
    return absl::FailedPreconditionError(
        absl::StrCat(place.path, " was replaced while the sandbox was set up"));
  }
  entry.type = info.st_mode & S_IFMT;
  const bool is_device = S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode);
  RETURN_IF_ERROR(sys::SetTreeAttributes(
      entry.tree.get(), (is_device ? MOUNT_ATTR_NOSUID : kNoSuidOrDevices) |
                            (place.grant.execute ? 0 : MOUNT_ATTR_NOEXEC) |
                            (place.grant.write ? 0 : MOUNT_ATTR_RDONLY)));
  return entry;
}

// The grant around `path`, the innermost one.
Grant GrantAround(const std::string& path, const std::vector<Place>& places) {
  Grant grant{.path = path};
  for (const Place& place : places) {  // deepest last
    if (IsBeneath(path, place.path)) grant = place.grant;
  }
  grant.identity = {};
  return grant;
}

// What is taken back, what is granted again within that, and what may not move because of it.
absl::Status AddMasks(const Request& request, const std::vector<Place>& places,
                      std::vector<Entry>& entries) {
  for (const std::string& path : request.pins) {
    ASSIGN_OR_RETURN(Entry entry, EntryOf({.path = path, .grant = GrantAround(path, places)},
                                          request.layered));
    entries.push_back(std::move(entry));
  }
  for (const std::string& path : request.exceptions) {
    ASSIGN_OR_RETURN(Entry entry, EntryOf({.path = path, .grant = GrantAround(path, places)},
                                          request.layered));
    entries.push_back(std::move(entry));
  }
  for (const Mask& mask : request.masks) {
    Grant grant = GrantAround(mask.path, places);
    grant.write = false;
    grant.identity = mask.identity;
    ASSIGN_OR_RETURN(Entry entry,
                     EntryOf({.path = mask.path, .grant = grant}, request.layered));
    if (!mask.readable) {
      entry.tree.reset();
      entry.is_mask = true;
      entry.mode = mask.has_exceptions ? "0111" : "0000";
    }
    entries.push_back(std::move(entry));
  }
  return absl::OkStatus();
}

// Covers `target`, no directory, with an empty file that nobody can open. The file is made in `root`,
// bound, and unlinked at once.
absl::Status CoverFile(const std::string& root, const std::string& target) {
  const std::string path = root + "/.mask";
  const UniqueFd file(open(path.c_str(), O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0));
  if (!file.ok()) return ErrnoError(errno, "open", path);
  const auto tree = sys::CloneTree(path);
  absl::Status status = tree.status();
  if (status.ok()) {
    status = sys::SetTreeAttributes(tree->get(),
                                    kNoSuidOrDevices | MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC);
  }
  if (status.ok()) status = sys::AttachTree(tree->get(), target);
  if (unlink(path.c_str()) != 0 && status.ok()) status = ErrnoError(errno, "unlink", path);
  return status;
}

absl::Status SealMask(const std::string& path) {
  const UniqueFd mask(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!mask.ok()) return ErrnoError(errno, "open", path);
  return sys::SetMountAttributes(mask.get(), MOUNT_ATTR_RDONLY);
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
    ASSIGN_OR_RETURN(Entry entry, EntryOf(place, /*layered=*/true));
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
  if (entry.is_mask && entry.type != S_IFDIR) return CoverFile(root, target);
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
    ASSIGN_OR_RETURN(Entry entry, EntryOf(place, request.layered));
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
  RETURN_IF_ERROR(AddMasks(request, places, entries));
  // At one place the last one counts: a mask covers the grant.
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return Depth(a.path) < Depth(b.path);
  });
  ASSIGN_OR_RETURN(std::string root, MountRoot());
  for (const Entry& entry : entries) {
    if (absl::Status status = Attach(root, entry); !status.ok()) {
      return Annotate(status, absl::StrCat("cannot show ", entry.path));
    }
  }
  for (const Entry& entry : entries) {
    if (entry.is_mask && entry.type == S_IFDIR) RETURN_IF_ERROR(SealMask(root + entry.path));
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
