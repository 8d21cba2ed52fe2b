#include "sandbox-exec/options_network.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"

namespace sandbox::exec_tool {
namespace {

// More ports than this are no list of ports: Landlock takes one rule for each.
constexpr int kMostPorts = 4096;

absl::StatusOr<int> ParsePort(absl::string_view option, absl::string_view text) {
  int port = 0;
  if (!absl::SimpleAtoi(text, &port) || port < 1 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", option, " ", text, ": a port is a number from 1 to 65535"));
  }
  return port;
}

absl::Status AddPorts(const cli::Given& given, bool range, std::vector<uint16_t>* ports) {
  const std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(given.value, absl::MaxSplits('-', 1));
  ASSIGN_OR_RETURN(const int low, ParsePort(given.option->name, ends.first));
  int high = low;
  if (range && given.value.find('-') != std::string::npos) {
    ASSIGN_OR_RETURN(high, ParsePort(given.option->name, ends.second));
  } else if (given.value.find('-') != std::string::npos) {
    return ParsePort(given.option->name, given.value).status();
  }
  if (high < low || high - low >= kMostPorts) {
    return absl::InvalidArgumentError(absl::StrCat("--", given.option->name, " ", given.value,
                                                   ": at most ", kMostPorts, " ports, low-high"));
  }
  for (int port = low; port <= high; ++port) ports->push_back(static_cast<uint16_t>(port));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<bool> TakeNetworkOption(const cli::Given& given, NetworkOptions* options) {
  if (given.Is("unix")) {
    options->unix_sockets.push_back(given.value);
  } else if (given.Is("share-net")) {
    options->share_net = true;
  } else if (given.Is("connect-tcp")) {
    RETURN_IF_ERROR(AddPorts(given, /*range=*/false, &options->connect_tcp));
  } else if (given.Is("bind-tcp")) {
    RETURN_IF_ERROR(AddPorts(given, /*range=*/true, &options->bind_tcp));
  } else {
    return false;
  }
  return true;
}

}  // namespace sandbox::exec_tool
