#include "lib/chain/keep.h"

#include <memory>
#include <utility>

#include "lib/base/status.h"
#include "lib/proc/children.h"
#include "lib/proc/keeper.h"

namespace sandbox::chain {
namespace {

absl::StatusOr<proc::WaitStatus> Serve(
    const Stage& stage, pid_t child, const KeeperNeeds& needs, proc::EventLoop* loop,
    const std::function<absl::Status()>& serve) {
  RETURN_IF_ERROR(proc::BecomeKeeper(needs.capabilities, needs.keep_stdout));
  if (serve) RETURN_IF_ERROR(serve());
  proc::Keeper::Options options;
  options.child = child;
  options.outer = stage.outer();
  ASSIGN_OR_RETURN(const std::unique_ptr<proc::Keeper> keeper,
                   proc::Keeper::Create(loop, std::move(options)));
  return keeper->Run();
}

}  // namespace

absl::StatusOr<proc::WaitStatus> Keep(
    const Stage& stage, pid_t child, const KeeperNeeds& needs, proc::EventLoop* loop,
    const std::function<absl::Status()>& serve) {
  auto status = Serve(stage, child, needs, loop, serve);
  if (!status.ok()) proc::KillAllChildren();
  return status;
}

}  // namespace sandbox::chain
