// What becomes of a layer when the command has ended.

#ifndef SANDBOX_COW_SETTLE_H_
#define SANDBOX_COW_SETTLE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/overlay/layer.h"
#include "sandbox-cow/options.h"

namespace sandbox::cow_tool {

// Commits, discards or keeps `layer`, and returns the line that says what was done. When committing
// fails the layer is kept, and the error says where.
absl::StatusOr<std::string> Settle(overlay::Layer& layer, Then then);

// The changes of `layer`, a line each.
absl::StatusOr<std::string> ListChanges(const overlay::Layer& layer);

}  // namespace sandbox::cow_tool

#endif  // SANDBOX_COW_SETTLE_H_
