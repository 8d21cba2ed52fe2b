#include "sandbox-cow/tool.h"

#include <linux/capability.h>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/chain/keep.h"
#include "lib/chain/run_tool.h"
#include "lib/chain/stage.h"
#include "lib/cli/parse.h"
#include "lib/diag/diag.h"
#include "lib/overlay/layer.h"
#include "lib/proc/event_loop.h"
#include "sandbox-cow/options.h"
#include "sandbox-cow/settle.h"

namespace sandbox::cow_tool {
namespace {

// For root's commit: files of other owners keep them. An ordinary user has none of these.
constexpr uint64_t kCommitCapabilities = uint64_t{1} << CAP_CHOWN |
                                         uint64_t{1} << CAP_DAC_OVERRIDE |
                                         uint64_t{1} << CAP_FOWNER | uint64_t{1} << CAP_FSETID;

// Where layers go when the work directory's parent cannot take them.
std::string FallbackStorage(const chain::Environment& environment) {
  if (const char* state = environment.Get("XDG_STATE_HOME"); state != nullptr && state[0] == '/') {
    return absl::StrCat(state, "/sandpipe/layers");
  }
  if (const char* home = environment.Get("HOME"); home != nullptr && home[0] == '/') {
    return absl::StrCat(home, "/.local/state/sandpipe/layers");
  }
  return "";
}

void Fill(handoff::v1::Directory* directory, const std::string& path,
          const overlay::Identity& identity) {
  directory->set_path(path);
  directory->set_device(identity.device);
  directory->set_inode(identity.inode);
}

void Declare(chain::Stage& stage, const overlay::Layer& layer) {
  handoff::v1::Layer* declared = stage.handoff().add_layers();
  Fill(declared->mutable_workdir(), layer.workdir_path(), layer.workdir_identity());
  Fill(declared->mutable_upper(), layer.upper_path(), layer.upper_identity());
  Fill(declared->mutable_work(), layer.work_path(), layer.work_identity());
  Fill(declared->mutable_storage(), layer.path(), layer.layer_identity());
}

// Removes what a killed sandbox-cow of this user has left where this one would put its layer.
absl::Status Sweep(const std::string& workdir, const std::string& fallback) {
  RETURN_IF_ERROR(overlay::SweepDead(absl::StrCat(workdir, "/..")).status());
  return fallback.empty() ? absl::OkStatus() : overlay::SweepDead(fallback).status();
}

// The keeper: waits, then settles. Its own failure is 125 and says where the layer is.
int Keep(pid_t child, const Options& options, chain::Stage& stage, overlay::Layer layer,
         const diag::Diag& diag) {
  const chain::KeeperNeeds needs = {.capabilities = kCommitCapabilities,
                                    .keep_stdout = options.dry_run};
  const auto loop = proc::EventLoop::Create();
  const auto status = loop.ok() ? chain::Keep(stage, child, needs, loop->get(), nullptr)
                                : absl::StatusOr<proc::WaitStatus>(loop.status());
  if (!status.ok()) {
    diag.Fatal(status.status());
    const absl::Status discarded = layer.Discard();
    return discarded.ok() ? 125 : diag.Fatal(discarded);
  }
  if (options.dry_run) {
    const auto changes = ListChanges(layer);
    if (!changes.ok()) diag.Fatal(changes.status());
    const int printed = changes.ok() ? diag.Print(*changes) : 125;
    const absl::Status discarded = layer.Discard();
    if (!discarded.ok()) return diag.Fatal(discarded);
    if (printed != 0) return printed;
    chain::EndAs(*status);
  }
  const auto done = Settle(layer, status->ok() ? options.on_success : options.on_failure);
  if (!done.ok()) return diag.Fatal(done.status());
  diag.Notice(*done);
  chain::EndAs(*status);
}

absl::StatusOr<int> Run(const Options& options, const std::vector<std::string>& words,
                        chain::Stage& stage, const diag::Diag& diag) {
  RETURN_IF_ERROR(stage.Enter(words, options.last));
  const overlay::LayerOptions where = {.fallback_storage = FallbackStorage(stage.environment()),
                                       .storage = ""};
  RETURN_IF_ERROR(Sweep(options.workdir, where.fallback_storage));
  auto layer = overlay::Layer::Create(options.workdir, where);
  if (!layer.ok()) {
    return Annotate(layer.status(), absl::StrCat("cannot make a layer for ", options.workdir));
  }
  const auto child = stage.Split();
  if (!child.ok()) {
    RETURN_IF_ERROR(layer->Discard());
    return child.status();
  }
  if (*child != 0) return Keep(*child, options, stage, *std::move(layer), diag);
  Declare(stage, *layer);
  return stage.Pass();
}

int Work(const cli::Parsed& parsed, chain::Stage& stage, const diag::Diag& diag) {
  const auto options = ToOptions(parsed);
  if (!options.ok()) return diag.Usage(options.status());
  const auto code = Run(*options, parsed.rest, stage, diag);
  return code.ok() ? *code : diag.Fatal(code.status());
}

}  // namespace

int Main(int argc, const char* const argv[], const char* const environment[]) {
  return chain::RunTool(Interface(), argc, argv, environment, Work);
}

}  // namespace sandbox::cow_tool
