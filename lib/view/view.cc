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
#include "lib/view/root.h"

namespace sandbox::view {
namespace {

// mount(2)'s own bits; its header clashes with linux/mount.h.
constexpr uint64_t kMountNoSuid = 2;
constexpr uint64_t kMountNoExec = 8;

constexpr uint64_t kNoSuidOrDevices = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

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

bool IsSame(const struct stat& info, const Identity& identity, bool layered) {
  if (identity.inode == 0) return true;
  if (info.st_dev != identity.device) return layered;
  return info.st_ino == identity.inode || layered;
}

absl::StatusOr<Entry> EntryOf(const Place& place, bool layered) {
  Entry entry{.path = place.path};
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
      entry.kind = Entry::kMask;
      entry.mode = mask.has_exceptions ? 0111 : 0;
    }
    entries.push_back(std::move(entry));
  }
  return absl::OkStatus();
}

bool IsGranted(const std::string& path, const std::vector<Place>& places) {
  return std::any_of(places.begin(), places.end(),
                     [&](const Place& place) { return IsBeneath(path, place.path); });
}

// Whether `place` is mounted with what is around it, as /usr/bin is with /usr: a system directory
// within another grant of the same rights.
bool IsShown(const Place& place, const std::vector<Place>& places) {
  if (!place.grant.system) return false;
  const Place* around = nullptr;
  for (const Place& other : places) {  // deepest last
    if (other.path != place.path && IsBeneath(place.path, other.path)) around = &other;
  }
  return around != nullptr && around->grant.write == place.grant.write &&
         around->grant.execute == place.grant.execute;
}

// Device nodes of the host that every program may use.
constexpr const char* kDevices[] = {"null", "zero", "full", "random", "urandom", "tty"};

// What --system adds to the host's directories.
void AddSystem(const Request& request, const std::vector<Place>& places,
               std::vector<Entry>& entries) {
  const bool dev_granted = IsGranted("/dev", places);
  entries.push_back({.path = "/dev",
                     .kind = dev_granted ? Entry::kPrivate : Entry::kPlain,
                     .mode = 0755,
                     .on_grant = dev_granted});
  for (const char* name : kDevices) {
    entries.push_back(
        {.path = absl::StrCat("/dev/", name), .kind = Entry::kDevice, .type = S_IFCHR});
  }
  entries.push_back({.path = "/dev/shm", .kind = Entry::kPrivate, .mode = 01777});
  if (!IsGranted("/tmp", places)) {
    entries.push_back({.path = "/tmp", .kind = Entry::kPrivate, .mode = 01777});
  }
  if (request.home.size() > 1 && !IsGranted(request.home, places)) {
    entries.push_back({.path = request.home, .kind = Entry::kPrivate});
  }
}

absl::Status FinishDevices(Root& root) {
  RETURN_IF_ERROR(root.MakeDirectory("/dev/pts"));
  RETURN_IF_ERROR(sys::Mount("devpts", root.path() + "/dev/pts", "devpts",
                             kMountNoSuid | kMountNoExec,
                             "newinstance,ptmxmode=0666,mode=620"));
  const std::pair<const char*, const char*> links[] = {{"/dev/ptmx", "pts/ptmx"},
                                                       {"/dev/fd", "/proc/self/fd"},
                                                       {"/dev/stdin", "/proc/self/fd/0"},
                                                       {"/dev/stdout", "/proc/self/fd/1"},
                                                       {"/dev/stderr", "/proc/self/fd/2"}};
  for (const auto& [path, target] : links) RETURN_IF_ERROR(root.MakeLink(path, target));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> Build(const Request& request) {
  ASSIGN_OR_RETURN(const std::vector<Place> places, Resolve(request.grants));
  std::vector<Entry> entries;
  std::vector<Link> links;
  for (const Place& place : places) {
    if (place.path != place.grant.path) {
      for (Link& link : LinksOf(place.grant.path)) links.push_back(std::move(link));
    }
    if (IsShown(place, places)) continue;
    ASSIGN_OR_RETURN(Entry entry, EntryOf(place, request.layered));
    entries.push_back(std::move(entry));
  }
  if (request.system) AddSystem(request, places, entries);
  RETURN_IF_ERROR(AddMasks(request, places, entries));
  // At one place the last one counts: a mask covers the grant.
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return Depth(a.path) < Depth(b.path);
  });
  ASSIGN_OR_RETURN(Root root, Root::Mount());
  for (const Entry& entry : entries) {
    if (absl::Status status = root.Attach(entry); !status.ok()) {
      return Annotate(status, absl::StrCat("cannot show ", entry.path));
    }
  }
  if (request.system) RETURN_IF_ERROR(FinishDevices(root));
  for (const Link& link : links) RETURN_IF_ERROR(root.MakeLink(link.path, link.target));
  RETURN_IF_ERROR(root.MakeDirectory("/proc"));
  RETURN_IF_ERROR(root.Seal());
  return root.path();
}

}  // namespace sandbox::view
