#include "sandbox-exec/plan.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <csignal>
#include <unistd.h>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/notify/calls.h"
#include "sandbox-exec/plan_environment.h"
#include "sandbox-exec/plan_files.h"
#include "sandbox-exec/plan_filter.h"
#include "sandbox-exec/plan_isolation.h"
#include "sandbox-exec/plan_limits.h"

namespace sandbox::exec_tool {
namespace {

realise::Directory ToDirectory(const handoff::v1::Directory& directory) {
  return {.path = directory.path(), .device = directory.device(), .inode = directory.inode()};
}

// Whether an interest can name it.
bool IsKind(absl::string_view kind) {
  const auto calls = notify::Calls();
  return std::any_of(calls.begin(), calls.end(),
                     [kind](const notify::Call& call) { return call.kind == kind; });
}

absl::Status TakeDeclared(chain::Stage& stage, realise::Plan& plan) {
  const handoff::Handoff declared = stage.handoff();
  for (const auto& layer : declared.layers()) {
    plan.layers.push_back({.workdir = ToDirectory(layer.workdir()),
                           .upper = ToDirectory(layer.upper()),
                           .work = ToDirectory(layer.work()),
                           .storage = ToDirectory(layer.storage())});
  }
  if (declared.has_network()) {
    ASSIGN_OR_RETURN(plan.user_namespace, stage.Take(declared.network().user_namespace()));
    ASSIGN_OR_RETURN(plan.net_namespace, stage.Take(declared.network().net_namespace()));
  }
  for (const auto& interest : declared.interests()) {
    for (const std::string& kind : interest.calls()) {
      if (!IsKind(kind)) {
        return absl::InvalidArgumentError(absl::StrCat("cannot tell ", interest.tool(), " of ", kind,
                                                       ": install tools of one version"));
      }
    }
    ASSIGN_OR_RETURN(UniqueFd socket, stage.Take(interest.socket()));
    plan.observers.push_back({.tool = interest.tool(),
                              .socket = std::move(socket),
                              .calls = {interest.calls().begin(), interest.calls().end()}});
  }
  return absl::OkStatus();
}

// Sockets of the host can be seen beneath what may be read and not written; --system's directories
// hold none.
bool HostSocketsShow(const std::vector<view::Grant>& grants) {
  return std::any_of(grants.begin(), grants.end(), [](const view::Grant& grant) {
    return !grant.write && !grant.system;
  });
}

// A command that is confined starts clean, but what nohup and a shell's "&" ask for still holds.
proc::SignalState CleanSignals(const handoff::v1::Caller& caller) {
  constexpr uint64_t kKept = uint64_t{1} << (SIGHUP - 1) | uint64_t{1} << (SIGINT - 1) |
                             uint64_t{1} << (SIGQUIT - 1);
  return {.blocked = 0, .ignored = caller.ignored_signals() & kKept};
}

absl::Status CompileNetwork(const NetworkOptions& options, bool bridged, realise::Plan& plan) {
  using realise::Filter;
  using realise::UnixSockets;
  if (bridged && options.uses_host()) {
    return absl::InvalidArgumentError(
        "cannot share the caller's network: sandbox-netbridge in this chain gives another; leave "
        "one out");
  }
  plan.own_net = plan.strict && !bridged && !options.uses_host();
  plan.filter = bridged || options.uses_host() ? Filter::kInet : Filter::kUnixOnly;
  plan.tcp_only = options.uses_host() && !options.share_net;
  plan.connect_tcp = options.connect_tcp;
  plan.bind_tcp = options.bind_tcp;
  if (!plan.strict) {
    if (!options.unix_sockets.empty()) {
      return absl::InvalidArgumentError(
          "cannot allow a unix socket without namespaces: --unix needs --mode=strict");
    }
    // Every socket of the host is in sight.
    plan.unix_sockets = options.uses_host() ? UnixSockets::kNotMade : UnixSockets::kNone;
    return absl::OkStatus();
  }
  if (HostSocketsShow(plan.view.grants)) plan.unix_sockets = UnixSockets::kWritable;
  for (const std::string& path : options.unix_sockets) {
    char resolved[PATH_MAX];
    if (realpath(path.c_str(), resolved) == nullptr) {
      return Annotate(ErrnoError(errno, "realpath", path), absl::StrCat("cannot allow ", path));
    }
    plan.reachable_sockets.emplace_back(resolved);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> WorkingDirectory() {
  char path[PATH_MAX];
  if (getcwd(path, sizeof path) == nullptr) return ErrnoError(errno, "getcwd");
  return std::string(path);
}

bool Confines(const Options& options, const handoff::Handoff& handoff) {
  return !options.realise || handoff.layers_size() > 0 || handoff.has_network();
}

absl::StatusOr<realise::Plan> CompilePlan(const Options& options, bool strict,
                                          chain::Stage& stage) {
  realise::Plan plan;
  plan.argv = stage.next().argv;
  plan.environment = stage.environment().entries();
  ASSIGN_OR_RETURN(plan.cwd, WorkingDirectory());
  plan.strict = strict;
  plan.outer = stage.outer();
  RETURN_IF_ERROR(TakeDeclared(stage, plan));
  const handoff::v1::Caller& caller = stage.handoff().caller();
  plan.closed_stdio = caller.closed_stdio();
  const bool bridged = plan.net_namespace.ok();
  if (!strict && (bridged || !plan.layers.empty())) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot run without namespaces: ",
                     bridged ? "sandbox-netbridge" : "sandbox-cow", " needs them"));
  }
  if (options.realise) {
    plan.signals = {.blocked = caller.blocked_signals(), .ignored = caller.ignored_signals()};
    if (bridged) {
      plan.filter = realise::Filter::kNetwork;
      plan.unix_sockets = realise::UnixSockets::kInside;
    }
    return plan;
  }
  plan.environment = CompileEnvironment(options.environment, stage.environment());
  plan.signals = CleanSignals(caller);
  plan.no_core_dumps = !options.start.core_dumps;
  plan.start = {.directory = options.start.cwd.empty() || options.start.cwd[0] == '/'
                                 ? options.start.cwd
                                 : absl::StrCat(plan.cwd, "/", options.start.cwd),
                .descriptors = options.start.keep_fds,
                .new_session = options.start.new_session,
                .no_huge_pages = options.start.no_huge_pages};
  RETURN_IF_ERROR(CompileLimits(options.limits, plan));
  plan.landlock = true;
  RETURN_IF_ERROR(CompileIsolation(options.isolation, plan));
  plan.has_view = strict;
  const char* home = stage.environment().Get("HOME");
  RETURN_IF_ERROR(CompileFiles(options.files, home == nullptr ? "" : home, plan));
  RETURN_IF_ERROR(CompileNetwork(options.network, bridged, plan));
  RETURN_IF_ERROR(CompileFilter(options.filter, plan));
  return plan;
}

}  // namespace sandbox::exec_tool
