#include "lib/overlay/changes.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/overlay/directory.h"
#include "lib/overlay/entry.h"
#include "lib/overlay/xattrs.h"

namespace sandbox::overlay {
namespace {

FileType TypeOf(const struct stat& info) {
  switch (info.st_mode & S_IFMT) {
    case S_IFDIR:
      return FileType::kDirectory;
    case S_IFLNK:
      return FileType::kSymlink;
    case S_IFIFO:
      return FileType::kFifo;
    case S_IFSOCK:
      return FileType::kSocket;
    case S_IFREG:
      return FileType::kRegular;
    default:
      return FileType::kDevice;
  }
}

bool HaveSameOwnerAndMode(const struct stat& a, const struct stat& b) {
  return a.st_mode == b.st_mode && a.st_uid == b.st_uid && a.st_gid == b.st_gid;
}

class Scanner {
 public:
  Scanner(const Layer& layer, const struct stat& root, Trail upper, Trail lower)
      : layer_(layer), root_(root), upper_(std::move(upper)), lower_(std::move(lower)) {}

  absl::Status Run() {
    const absl::Status status = Walk();
    upper_.Unwind();
    if (!status.ok()) return Annotate(status, EscapePath(path_.empty() ? "." : path_));
    return absl::OkStatus();
  }

  std::vector<Change> TakeChanges() {
    std::sort(changes_.begin(), changes_.end(),
              [](const Change& a, const Change& b) { return a.path < b.path; });
    return std::move(changes_);
  }

 private:
  struct Level {
    std::vector<std::string> names;
    size_t next = 0;
    size_t path_size = 0;  // of this directory's own path
    bool in_lower = false;
    bool opaque = false;
  };

  absl::Status Add(ChangeKind kind, absl::string_view path, const struct stat& info) {
    path_bytes_ += path.size() + sizeof(Change);
    if (path_bytes_ > kMaxPathBytes) {
      return absl::ResourceExhaustedError("the layer has too many changes to be listed");
    }
    changes_.push_back({kind, std::string(path), TypeOf(info)});
    return absl::OkStatus();
  }

  absl::Status Walk() {
    RETURN_IF_ERROR(CompareRoot());
    ASSIGN_OR_RETURN(std::vector<std::string> names, ListNames(upper_.fd()));
    levels_.push_back({std::move(names), 0, 0, true, false});
    while (!levels_.empty()) {
      Level& level = levels_.back();
      path_.resize(level.path_size);
      if (level.next == level.names.size()) {
        if (levels_.size() > 1) {
          RETURN_IF_ERROR(upper_.Leave());
          if (level.in_lower) RETURN_IF_ERROR(lower_.Leave());
        }
        levels_.pop_back();
        continue;
      }
      const std::string name = std::move(level.names[level.next++]);
      if (!path_.empty()) path_ += '/';
      path_ += name;
      RETURN_IF_ERROR(Visit(name));
    }
    return absl::OkStatus();
  }

  absl::Status CompareRoot() {
    ASSIGN_OR_RETURN(const struct stat lower, StatFd(lower_.fd()));
    ASSIGN_OR_RETURN(const Xattrs upper_xattrs, ContentXattrs(upper_.fd(), Permission::kForce));
    ASSIGN_OR_RETURN(const Xattrs lower_xattrs, ContentXattrs(lower_.fd(), Permission::kAsIs));
    if (HaveSameOwnerAndMode(root_, layer_.initial()) && upper_xattrs == lower_xattrs) {
      return absl::OkStatus();
    }
    return Add(ChangeKind::kModified, ".", lower);
  }

  absl::Status Visit(const std::string& name) {
    const Level level = {{}, 0, 0, levels_.back().in_lower, levels_.back().opaque};
    ASSIGN_OR_RETURN(const std::optional<struct stat> upper, StatEntry(upper_.fd(), name));
    if (!upper.has_value()) return absl::AbortedError("the layer changed while it was read");
    std::optional<struct stat> lower;
    if (level.in_lower) {
      ASSIGN_OR_RETURN(lower, StatEntry(lower_.fd(), name));
    }
    ASSIGN_OR_RETURN(const bool whiteout, IsWhiteout(upper_.fd(), name, *upper));
    if (whiteout) {
      return lower.has_value() ? Add(ChangeKind::kDeleted, path_, *lower) : absl::OkStatus();
    }
    const bool same_type =
        lower.has_value() && (lower->st_mode & S_IFMT) == (upper->st_mode & S_IFMT);
    if (S_ISDIR(upper->st_mode)) {
      if (same_type) return VisitBoth(name, *upper, *lower, level.opaque);
      RETURN_IF_ERROR(Add(lower.has_value() ? ChangeKind::kType : ChangeKind::kAdded, path_,
                          *upper));
      RETURN_IF_ERROR(upper_.Enter(name));
      return Descend(false, false);
    }
    if (same_type) {
      ASSIGN_OR_RETURN(const bool same,
                       IsSameEntry(upper_.fd(), *upper, lower_.fd(), *lower, name));
      if (same) return absl::OkStatus();
    }
    if (IsDevice(*upper)) return absl::FailedPreconditionError("a device node in the layer");
    const ChangeKind kind = same_type           ? ChangeKind::kModified
                            : lower.has_value() ? ChangeKind::kType
                                                : ChangeKind::kAdded;
    return Add(kind, path_, *upper);
  }

  // A directory in both.
  absl::Status VisitBoth(const std::string& name, const struct stat& upper,
                         const struct stat& lower, bool opaque_above) {
    RETURN_IF_ERROR(upper_.Enter(name));
    RETURN_IF_ERROR(lower_.Enter(name));
    ASSIGN_OR_RETURN(const bool opaque_here, IsOpaque(upper_.fd()));
    const bool opaque = opaque_above || opaque_here;
    ASSIGN_OR_RETURN(const Xattrs upper_xattrs, ContentXattrs(upper_.fd(), Permission::kForce));
    const absl::StatusOr<Xattrs> lower_xattrs = ContentXattrs(lower_.fd(), Permission::kAsIs);
    if (!lower_xattrs.ok() && GetErrno(lower_xattrs.status()) != EACCES) {
      return lower_xattrs.status();
    }
    if (!HaveSameOwnerAndMode(upper, lower) || !lower_xattrs.ok() ||
        upper_xattrs != *lower_xattrs) {
      RETURN_IF_ERROR(Add(ChangeKind::kModified, path_, upper));
    }
    RETURN_IF_ERROR(Descend(true, opaque));
    return opaque ? AddHidden(levels_.back().names) : absl::OkStatus();
  }

  absl::Status Descend(bool in_lower, bool opaque) {
    ASSIGN_OR_RETURN(std::vector<std::string> names, ListNames(upper_.fd()));
    levels_.push_back({std::move(names), 0, path_.size(), in_lower, opaque});
    return absl::OkStatus();
  }

  // The entries below an opaque directory that are not in it. `names` is sorted.
  absl::Status AddHidden(const std::vector<std::string>& names) {
    ASSIGN_OR_RETURN(const std::vector<std::string> below, ListNames(lower_.fd()));
    for (const std::string& name : below) {
      if (std::binary_search(names.begin(), names.end(), name)) continue;
      ASSIGN_OR_RETURN(const std::optional<struct stat> info, StatEntry(lower_.fd(), name));
      if (!info.has_value()) continue;
      RETURN_IF_ERROR(Add(ChangeKind::kDeleted, absl::StrCat(path_, "/", name), *info));
    }
    return absl::OkStatus();
  }

  const Layer& layer_;
  const struct stat root_;  // upper as it was found, before its mode was forced
  Trail upper_;
  Trail lower_;
  std::vector<Level> levels_;
  std::string path_;
  std::vector<Change> changes_;
  size_t path_bytes_ = 0;
};

// The length of the well-formed UTF-8 sequence at the start of `text`; 0 when there is none.
size_t SequenceSize(absl::string_view text) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(0);
  const size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3
                    : first < 0xf5 ? 4 : 0;
  if (size == 0 || size > text.size()) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (size == 2 && first == 0xc2 && byte(1) < 0xa0) return 0;  // C1 control characters
  if (first == 0xe0 && byte(1) < 0xa0) return 0;               // overlong
  if (first == 0xed && byte(1) > 0x9f) return 0;               // surrogates
  if (first == 0xf0 && byte(1) < 0x90) return 0;               // overlong
  if (first == 0xf4 && byte(1) > 0x8f) return 0;               // beyond U+10FFFF
  return size;
}

}  // namespace

absl::StatusOr<std::vector<Change>> Scan(const Layer& layer) {
  ASSIGN_OR_RETURN(const struct stat root, StatFd(layer.upper_fd()));
  ASSIGN_OR_RETURN(Trail upper, Trail::Start(layer.upper_fd(), Trail::Access::kForce,
                                             Trail::Access::kForce));
  ASSIGN_OR_RETURN(Trail lower, Trail::Start(layer.workdir_fd(), Trail::Access::kAsIs,
                                             Trail::Access::kAsIs));
  Scanner scanner(layer, root, std::move(upper), std::move(lower));
  RETURN_IF_ERROR(scanner.Run());
  return scanner.TakeChanges();
}

std::string EscapePath(absl::string_view path) {
  std::string text;
  for (size_t at = 0; at < path.size();) {
    const unsigned char byte = static_cast<unsigned char>(path[at]);
    size_t size = SequenceSize(path.substr(at));
    if (byte < 0x20 || byte == 0x7f || byte == '\\') size = 0;
    if (size == 0) {
      absl::StrAppend(&text, "\\x", absl::Hex(byte, absl::kZeroPad2));
      size = 1;
    } else {
      text.append(path.data() + at, size);
    }
    at += size;
  }
  return text;
}

std::string FormatChange(const Change& change) {
  return absl::StrCat(std::string(1, static_cast<char>(change.kind)), " ",
                      EscapePath(change.path));
}

}  // namespace sandbox::overlay
