#include "sandbox-netbridge/tool.h"

#include <memory>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "lib/base/status.h"
#include "lib/chain/keep.h"
#include "lib/chain/run_tool.h"
#include "lib/chain/stage.h"
#include "lib/cli/parse.h"
#include "lib/diag/diag.h"
#include "lib/net/netns.h"
#include "lib/proc/event_loop.h"
#include "sandbox-netbridge/bridge.h"
#include "sandbox-netbridge/options.h"

namespace sandbox::netbridge_tool {
namespace {

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

}  // namespace sandbox::netbridge_tool
