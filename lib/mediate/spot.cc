#include "lib/mediate/spot.h"

#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace sandbox::mediate {
namespace {

constexpr int kMostLinks = 40;  // path_resolution(7)

bool IsOnProc(int fd) {
  struct statfs fs = {};
  return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

std::string TargetOf(int link) {
  char text[PATH_MAX];
  const ssize_t size = readlinkat(link, "", text, sizeof text);
  return size <= 0 ? std::string() : std::string(text, static_cast<size_t>(size));
}

// One resolution under way.
class Walk {
 public:
  Walk(const Resolver& resolver, const Caller& caller, bool follow, Spot* spot)
      : resolver_(resolver), caller_(caller), follow_(follow), spot_(spot) {}

  int Run(int base, absl::string_view path) {
    if (const int err = Enter(base, path); err != 0) return err;
    while (!pending_.empty()) {
      const std::string name = std::move(pending_.back());
      pending_.pop_back();
      const bool is_last = pending_.empty();
      const int err = name == "." ? 0 : name == ".." ? StepUp() : Step(name, is_last);
      if (err != 0 || done_) return err;
    }
    return FinishAt(std::move(at_));
  }

 private:
  // Puts the components of `path` before those that are still to come.
  int Enter(int base, absl::string_view path) {
    if (absl::StartsWith(path, "/")) {
      at_.reset(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    } else if (base >= 0) {
      at_.reset(fcntl(base, F_DUPFD_CLOEXEC, 3));
    }
    if (!at_.ok()) return errno;
    if (pending_.empty() && absl::EndsWith(path, "/")) spot_->wants_directory = true;
    const std::vector<std::string> parts = absl::StrSplit(path, '/', absl::SkipEmpty());
    pending_.insert(pending_.end(), parts.rbegin(), parts.rend());
    return 0;
  }

  int StepUp() {
    UniqueFd above(openat(at_.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!above.ok()) return errno;
    at_ = std::move(above);
    return 0;
  }

  int Step(const std::string& name, bool is_last) {
    if (IsOwn(name)) return EACCES;
    UniqueFd object(openat(at_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!object.ok()) {
      if (errno != ENOENT || !is_last) return errno;
      return FinishWith(name, UniqueFd());
    }
    struct stat info = {};
    if (fstat(object.get(), &info) != 0) return errno;
    if (S_ISLNK(info.st_mode) && (!is_last || follow_ || spot_->wants_directory)) {
      return Follow(name, object.get());
    }
    if (is_last) return FinishWith(name, std::move(object));
    if (!S_ISDIR(info.st_mode)) return ENOTDIR;
    at_ = std::move(object);
    return 0;
  }

  int Follow(const std::string& name, int link) {
    if (++links_ > kMostLinks) return ELOOP;
    if (!IsOnProc(link)) {
      const std::string target = TargetOf(link);
      return target.empty() ? ENOENT : Enter(-1, target);
    }
    if (IsProcRoot()) {
      if (name == "self") return Enter(-1, absl::StrCat(caller_.process));
      if (name == "thread-self") {
        return Enter(-1, absl::StrCat(caller_.process, "/task/", caller_.thread));
      }
      return Enter(-1, TargetOf(link));  // mounts, net: by way of self
    }
    // A magic link: an open file, a root or a working directory, if the kernel lets us.
    UniqueFd object(openat(at_.get(), name.c_str(), O_PATH | O_CLOEXEC));
    if (!object.ok()) return errno;
    if (pending_.empty()) return FinishAt(std::move(object));
    at_ = std::move(object);
    return 0;
  }

  // What belongs to this process is not the caller's, by whatever name.
  bool IsOwn(const std::string& name) const {
    return name == absl::StrCat(getpid()) && IsProcRoot();
  }

  bool IsProcRoot() const {
    struct stat info = {};
    constexpr ino_t kProcRoot = 1;
    return IsOnProc(at_.get()) && fstat(at_.get(), &info) == 0 && info.st_ino == kProcRoot;
  }

  int FinishWith(const std::string& name, UniqueFd object) {
    const std::string above = resolver_.PathOf(at_.get());
    if (above.empty()) return ENOENT;  // outside the root
    spot_->path = above == "/" ? absl::StrCat("/", name) : absl::StrCat(above, "/", name);
    spot_->name = name;
    spot_->parent = std::move(at_);
    done_ = true;
    if (!object.ok()) return 0;
    if (fstat(object.get(), &spot_->info) != 0) return errno;
    spot_->object = std::move(object);
    return 0;
  }

  int FinishAt(UniqueFd object) {
    done_ = true;
    if (fstat(object.get(), &spot_->info) != 0) return errno;
    spot_->path = resolver_.PathOf(object.get());
    spot_->object = std::move(object);
    return 0;
  }

  const Resolver& resolver_;
  const Caller& caller_;
  bool follow_;
  Spot* spot_;
  UniqueFd at_;
  std::vector<std::string> pending_;  // the next component last
  int links_ = 0;
  bool done_ = false;
};

}  // namespace

std::string Resolver::PathOf(int fd) const {
  char text[PATH_MAX];
  const ssize_t size = readlinkat(descriptors_, absl::StrCat(fd).c_str(), text, sizeof text);
  if (size <= 0 || text[0] != '/') return "";
  return std::string(text, static_cast<size_t>(size));
}

int Resolver::Resolve(const Caller& caller, int base, absl::string_view path, bool follow,
                      Spot* spot) const {
  *spot = Spot();
  return Walk(*this, caller, follow, spot).Run(base, path);
}

}  // namespace sandbox::mediate
