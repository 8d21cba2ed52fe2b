#include "sandbox-exec/options_isolation.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace sandbox::exec_tool {
namespace {

constexpr size_t kLongestHostname = 64;  // sethostname(2)

absl::Status Share(absl::string_view what, IsolationOptions* options) {
  bool* const shared = what == "ipc"      ? &options->share_ipc
                       : what == "uts"    ? &options->share_uts
                       : what == "cgroup" ? &options->share_cgroup
                                          : nullptr;
  if (shared != nullptr) {
    if (*shared) return absl::InvalidArgumentError(absl::StrCat("--share ", what, " is given twice"));
    *shared = true;
    return absl::OkStatus();
  }
  if (what == "net") return absl::InvalidArgumentError("--share net: write --share-net");
  if (what == "pid") {
    return absl::InvalidArgumentError(
        "--share pid: by their pid namespace the command's processes are ended and kept from "
        "others; --mode=landlock makes none");
  }
  return absl::InvalidArgumentError(absl::StrCat("--share takes ipc|uts|cgroup, not ", what));
}

absl::Status CheckHostname(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.';
  });
  if (plain && !name.empty() && name.size() <= kLongestHostname && name[0] != '-' &&
      name[0] != '.') {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "--hostname needs 1 to 64 letters, digits, dots and hyphens, not ", name));
}

}  // namespace

absl::StatusOr<bool> TakeIsolationOption(const cli::Given& given, IsolationOptions* options) {
  if (given.Is("share")) {
    RETURN_IF_ERROR(Share(given.value, options));
  } else if (given.Is("hostname")) {
    RETURN_IF_ERROR(CheckHostname(given.value));
    options->hostname = given.value;
  } else if (given.Is("no-aslr")) {
    options->no_aslr = true;
  } else {
    return false;
  }
  if (options->share_uts && !options->hostname.empty()) {
    return absl::InvalidArgumentError(
        "--hostname would rename the host with --share uts: leave one out");
  }
  return true;
}

}  // namespace sandbox::exec_tool
