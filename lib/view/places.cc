#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/view/view.h"

namespace sandbox::view {
namespace {

// Of /nix not all: beside these is the socket of a daemon that downloads for whoever asks it.
constexpr const char* kSystem[] = {"/usr",    "/bin", "/sbin", "/lib",       "/lib32",
                                   "/lib64",  "/libx32", "/etc", "/opt", "/nix/store",
                                   "/nix/var/nix/profiles"};

}  // namespace

absl::StatusOr<Identity> IdentityOf(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return ErrnoError(errno, "stat", path);
  return Identity{.device = info.st_dev, .inode = info.st_ino};
}

absl::Status CheckIdentities(const Request& request) {
  const auto check = [](const std::string& path, const Identity& identity) -> absl::Status {
    if (identity.inode == 0) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Identity now, IdentityOf(path));
    if (now.device == identity.device && now.inode == identity.inode) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(path, " was replaced while the sandbox was set up"));
  };
  for (const Grant& grant : request.grants) RETURN_IF_ERROR(check(grant.path, grant.identity));
  for (const Mask& mask : request.masks) RETURN_IF_ERROR(check(mask.path, mask.identity));
  return absl::OkStatus();
}

std::vector<Grant> SystemGrants() {
  std::vector<Grant> grants;
  for (const char* path : kSystem) {
    if (access(path, F_OK) == 0) {
      grants.push_back(
          {.path = path, .write = false, .execute = true, .system = true});
    }
  }
  return grants;
}

absl::StatusOr<std::vector<Place>> Resolve(const std::vector<Grant>& grants) {
  std::vector<Place> places;
  for (const Grant& grant : grants) {
    char path[PATH_MAX];
    if (realpath(grant.path.c_str(), path) == nullptr) {
      return Annotate(ErrnoError(errno, "realpath", grant.path),
                      absl::StrCat("cannot grant ", grant.path));
    }
    places.push_back({.path = path, .grant = grant});
  }
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    const auto depth = [](const Place& place) {
      return place.path == "/" ? 0 : std::count(place.path.begin(), place.path.end(), '/');
    };
    return depth(a) < depth(b);
  });
  // One place, several grants: the rights add up.
  std::vector<Place> merged;
  for (Place& place : places) {
    const auto same = std::find_if(merged.begin(), merged.end(),
                                   [&](const Place& other) { return other.path == place.path; });
    if (same == merged.end()) {
      merged.push_back(std::move(place));
    } else {
      same->grant.write |= place.grant.write;
      same->grant.execute |= place.grant.execute;
      same->grant.system &= place.grant.system;
    }
  }
  return merged;
}

}  // namespace sandbox::view
