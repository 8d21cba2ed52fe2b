// The options of sandbox-exec about sockets.

#ifndef SANDBOX_EXEC_OPTIONS_NETWORK_H_
#define SANDBOX_EXEC_OPTIONS_NETWORK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/cli/option.h"
#include "lib/cli/parse.h"

namespace sandbox::exec_tool {

inline constexpr cli::Option kNetworkTable[] = {
    {.name = "unix", .arg = cli::Arg::kPath, .metavar = "PATH", .repeatable = true,
     .help = "allow to connect to the unix socket PATH, or to those beneath the directory PATH, "
             "which must be visible by a grant"},
    {.name = "share-net",
     .help = "use the caller's network as it is, TCP and UDP, instead of none; "
             "sandbox-netbridge --allow HOST:PORT before sandbox-exec gives less"},
    {.name = "connect-tcp", .arg = cli::Arg::kText, .metavar = "PORT", .repeatable = true,
     .help = "in the caller's network, allow TCP connections to PORT of any host, and no UDP"},
    {.name = "bind-tcp", .arg = cli::Arg::kText, .metavar = "PORT[-PORT]", .repeatable = true,
     .help = "in the caller's network, allow TCP servers at PORT, and no UDP"},
};

struct NetworkOptions {
  std::vector<std::string> unix_sockets;  // as given
  bool share_net = false;
  std::vector<uint16_t> connect_tcp;
  std::vector<uint16_t> bind_tcp;

  bool uses_host() const { return share_net || !connect_tcp.empty() || !bind_tcp.empty(); }
};

// Takes `given` when it is one of kNetworkTable; whether it was. InvalidArgument for a wrong port.
absl::StatusOr<bool> TakeNetworkOption(const cli::Given& given, NetworkOptions* options);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_OPTIONS_NETWORK_H_
