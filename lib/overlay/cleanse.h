// Makes entries of a layer fit for the real tree. Internal to lib/overlay.

#ifndef LIB_OVERLAY_CLEANSE_H_
#define LIB_OVERLAY_CLEANSE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sandbox::overlay {

// Removes overlayfs' attributes from the entry `name` of `dir_fd`, and as root set-ID bits and
// capabilities of regular files (`path` then goes to `dropped`). For a directory also from all
// beneath it, and removes the whiteouts there; its times stay. Devices: FailedPrecondition.
absl::Status Cleanse(int dir_fd, const std::string& name, absl::string_view path,
                     std::vector<std::string>* dropped);

}  // namespace sandbox::overlay

#endif  // LIB_OVERLAY_CLEANSE_H_
