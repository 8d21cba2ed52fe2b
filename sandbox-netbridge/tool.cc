#include "sandbox-netbridge/tool.h"

#include <memory>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/chain/keep.h"
#include "lib/chain/stage.h"
#include "lib/chain/version.h"
#include "lib/cli/parse.h"
#include "lib/cli/text.h"
#include "lib/diag/diag.h"
#include "lib/net/netns.h"
#include "lib/proc/event_loop.h"
#include "sandbox-netbridge/bridge.h"
#include "sandbox-netbridge/options.h"

namespace sandbox::netbridge_tool {
namespace {

constexpr cli::Description kDescription = {
    .tool = chain::kNetbridge,
    .synopsis = "[OPTION]... [--] PROGRAM [ARG]...",
    .summary = "Run PROGRAM in a network of its own, with the allowed targets as the only way out.",
};

constexpr char kUserNamespace[] = "net-user-namespace";
constexpr char kNetNamespace[] = "net-namespace";

void Declare(chain::Stage& stage, net::PreparedNet prepared) {
  handoff::v1::Network* network = stage.handoff().mutable_network();
  network->set_user_namespace(kUserNamespace);
  network->set_net_namespace(kNetNamespace);
  constexpr auto kNamespace = handoff::v1::Descriptor::KIND_NAMESPACE;
  stage.Give(kUserNamespace, kNamespace, std::move(prepared.user_namespace));
  stage.Give(kNetNamespace, kNamespace, std::move(prepared.net_namespace));
}

// The keeper: serves names and connections until the chain below has ended.
int Keep(pid_t child, chain::Stage& stage, proc::EventLoop* loop, Bridge& bridge,
         net::PreparedNet prepared, const diag::Diag& diag) {
  prepared.user_namespace.reset();
  prepared.net_namespace.reset();
  const auto serve = [&] { return bridge.Serve(loop, std::move(prepared.sockets)); };
  const auto status = chain::Keep(stage, child, {}, loop, serve);
  if (!status.ok()) return diag.Fatal(status.status());
  chain::EndAs(*status);
}

absl::StatusOr<int> Run(const Options& options, const std::vector<std::string>& words,
                        chain::Stage& stage, const diag::Diag& diag) {
  RETURN_IF_ERROR(stage.Enter(words, options.last));
  ASSIGN_OR_RETURN(const std::unique_ptr<proc::EventLoop> loop, proc::EventLoop::Create());
  ASSIGN_OR_RETURN(const std::unique_ptr<Bridge> bridge, Bridge::Plan(options));
  auto prepared = net::PrepareNet(bridge->wishes());
  if (!prepared.ok()) return Annotate(prepared.status(), "cannot make a network");
  ASSIGN_OR_RETURN(const pid_t child, stage.Split());
  if (child != 0) return Keep(child, stage, loop.get(), *bridge, *std::move(prepared), diag);
  prepared->sockets.clear();
  Declare(stage, *std::move(prepared));
  return stage.Pass();
}

}  // namespace

int Main(int argc, const char* const argv[], const char* const environment[]) {
  const diag::Diag diag(chain::kNetbridge);
  chain::Stage stage = chain::Stage::Start(chain::kNetbridge, environment);
  const std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  const auto parsed = cli::Parse(OptionTable(), args);
  if (!parsed.ok()) return diag.Usage(parsed.status());
  if (parsed->help) return diag.Print(cli::HelpText(kDescription, OptionTable()));
  if (parsed->version) {
    return diag.Print(absl::StrCat(chain::kNetbridge, " ", chain::kVersion, "\n"));
  }
  const auto options = ToOptions(*parsed);
  if (!options.ok()) return diag.Usage(options.status());
  const auto code = Run(*options, parsed->rest, stage, diag);
  return code.ok() ? *code : diag.Fatal(code.status());
}

}  // namespace sandbox::netbridge_tool
