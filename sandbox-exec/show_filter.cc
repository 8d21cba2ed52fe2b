#include "sandbox-exec/show_filter.h"

#include <linux/filter.h>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/seccomp/compile.h"
#include "lib/seccomp/describe.h"
#include "sandbox-exec/plan_filter.h"

namespace sandbox::exec_tool {

absl::StatusOr<std::string> FilterText(const FilterOptions& options, const realise::Plan& plan) {
  ASSIGN_OR_RETURN(const std::vector<NamedPolicy> filters, FiltersOf(options, plan));
  std::string text;
  for (const NamedPolicy& filter : filters) {
    const char* comment = options.dump == Dump::kBpf ? ";" : "#";
    absl::StrAppend(&text, comment, " filter: ", filter.name, "\n");
    if (options.dump == Dump::kBpf) {
      ASSIGN_OR_RETURN(const std::vector<sock_filter> program, seccomp::Compile(filter.policy));
      absl::StrAppend(&text, seccomp::InstructionText(program));
    } else {
      absl::StrAppend(&text, options.dump == Dump::kPfc ? seccomp::PseudoCode(filter.policy)
                                                        : seccomp::TableText(filter.policy));
    }
  }
  return text;
}

}  // namespace sandbox::exec_tool
