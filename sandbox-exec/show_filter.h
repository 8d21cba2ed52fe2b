// What --list-groups and --dump-filter print.

#ifndef SANDBOX_EXEC_SHOW_FILTER_H_
#define SANDBOX_EXEC_SHOW_FILTER_H_

#include <string>

#include "absl/status/statusor.h"
#include "lib/realise/plan.h"
#include "sandbox-exec/options_filter.h"

namespace sandbox::exec_tool {

// The filters of `plan`, each after a line with its name, in the form that `options` asks for.
absl::StatusOr<std::string> FilterText(const FilterOptions& options, const realise::Plan& plan);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_SHOW_FILTER_H_
