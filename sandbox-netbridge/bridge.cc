#include "sandbox-netbridge/bridge.h"

#include <algorithm>
#include <utility>

#include "lib/base/status.h"

namespace sandbox::netbridge_tool {
namespace {

constexpr uint16_t kDomain = 53;

}  // namespace

absl::StatusOr<std::unique_ptr<Bridge>> Bridge::Plan(const Options& options) {
  std::unique_ptr<Bridge> bridge(new Bridge(options));
  // On every address, so that whichever server resolv.conf names, it is this one.
  for (const int family : {AF_INET, AF_INET6}) {
    const net::Address any{.family = family, .bytes = {}};
    bridge->Wish(any, kDomain, /*udp=*/true, {.kind = Purpose::kUdpResolver, .rule = {}});
    bridge->Wish(any, kDomain, /*udp=*/false, {.kind = Purpose::kTcpResolver, .rule = {}});
  }
  for (const net::Rule& rule : options.allow) RETURN_IF_ERROR(bridge->AddRule(rule));
  return bridge;
}

void Bridge::Wish(const net::Address& address, uint16_t port, bool udp, Purpose purpose) {
  const bool known = std::any_of(wishes_.begin(), wishes_.end(), [&](const net::SocketWish& w) {
    return w.address == address && w.port == port && w.udp == udp;
  });
  if (known) return;  // the same rule twice
  wishes_.push_back({.address = address, .port = port, .udp = udp});
  purposes_.push_back(std::move(purpose));
}

absl::Status Bridge::AddRule(const net::Rule& rule) {
  if (rule.literal.has_value()) {
    Wish(*rule.literal, rule.port, /*udp=*/false, {.kind = Purpose::kRelay, .rule = rule});
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const net::Names::Pair pair, names_.Allot(rule.name));
  for (const net::Address& address : {pair.v4, pair.v6}) {
    Wish(address, rule.port, /*udp=*/false, {.kind = Purpose::kRelay, .rule = rule});
  }
  return absl::OkStatus();
}

absl::Status Bridge::Serve(proc::EventLoop* loop, std::vector<UniqueFd> sockets) {
  ASSIGN_OR_RETURN(upstream_, net::Upstream::Create(loop, options_.resolve));
  relay_ = std::make_unique<net::Relay>(loop);
  resolver_ = std::make_unique<net::Resolver>(loop, &names_);
  for (size_t i = 0; i < sockets.size(); ++i) {
    if (!sockets[i].ok()) continue;  // no IPv6 here
    const net::Rule& rule = purposes_[i].rule;
    if (purposes_[i].kind == Purpose::kUdpResolver) {
      RETURN_IF_ERROR(resolver_->ServeUdp(std::move(sockets[i])));
    } else if (purposes_[i].kind == Purpose::kTcpResolver) {
      RETURN_IF_ERROR(resolver_->ServeTcp(std::move(sockets[i])));
    } else {
      const auto find = [this, rule](net::OnTargets found) {
        if (rule.literal.has_value()) return found({*rule.literal});
        upstream_->Find(rule.name, std::move(found));
      };
      RETURN_IF_ERROR(relay_->Listen(std::move(sockets[i]), rule.port, find));
    }
  }
  return absl::OkStatus();
}

}  // namespace sandbox::netbridge_tool
