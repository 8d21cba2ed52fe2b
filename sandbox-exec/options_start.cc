#include "sandbox-exec/options_start.h"

#include <algorithm>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace sandbox::exec_tool {
namespace {

absl::Status AddDescriptor(int fd, std::vector<int>* fds) {
  if (fd <= 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("--keep-fd ", fd, ": 0, 1 and 2 are passed on always; leave it out"));
  }
  const auto place = std::lower_bound(fds->begin(), fds->end(), fd);
  if (place != fds->end() && *place == fd) {
    return absl::InvalidArgumentError(absl::StrCat("--keep-fd ", fd, " is given twice"));
  }
  fds->insert(place, fd);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<bool> TakeStartOption(const cli::Given& given, StartOptions* options) {
  if (given.Is("keep-fd")) {
    RETURN_IF_ERROR(AddDescriptor(given.fd(), &options->keep_fds));
  } else if (given.Is("cwd")) {
    options->cwd = given.value;
  } else if (given.Is("new-session")) {
    options->new_session = true;
  } else if (given.Is("core-dumps")) {
    options->core_dumps = true;
  } else if (given.Is("no-huge-pages")) {
    options->no_huge_pages = true;
  } else {
    return false;
  }
  return true;
}

absl::Status CheckKeptDescriptors(const StartOptions& options, int status_fd) {
  for (const int fd : options.keep_fds) {
    struct stat info = {};
    if (fstat(fd, &info) != 0) {
      return absl::InvalidArgumentError(absl::StrCat("--keep-fd ", fd, " is not open"));
    }
    if (fd == status_fd) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--keep-fd ", fd, " is that of --status-fd: the command could write reports too"));
    }
    if (S_ISDIR(info.st_mode)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--keep-fd ", fd, " is a directory, which leads out of the sandbox"));
    }
  }
  return absl::OkStatus();
}

}  // namespace sandbox::exec_tool
