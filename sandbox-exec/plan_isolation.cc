#include "sandbox-exec/plan_isolation.h"

namespace sandbox::exec_tool {

absl::Status CompileIsolation(const IsolationOptions& options, realise::Plan& plan) {
  if (!plan.strict && options.needs_strict()) {
    return absl::InvalidArgumentError(
        "--share and --hostname need --mode=strict: without namespaces nothing is the command's own");
  }
  plan.isolation = {.ipc = plan.strict && !options.share_ipc,
                    .uts = plan.strict && !options.share_uts,
                    .cgroup = plan.strict && !options.share_cgroup,
                    .hostname = options.hostname};
  plan.start.no_aslr = options.no_aslr;
  return absl::OkStatus();
}

}  // namespace sandbox::exec_tool
