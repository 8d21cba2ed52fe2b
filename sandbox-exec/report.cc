#include "sandbox-exec/report.h"

#include <string>
#include <utility>
#include <vector>

#include "lib/base/status.h"
#include "lib/landlock/ruleset.h"

namespace sandbox::exec_tool {
namespace {

event::JsonRecord Record(const char* what) {
  event::JsonRecord record;
  record.Add("kind", "status").Add("tool", "sandbox-exec").Add("event", what);
  return record;
}

const char* NameOf(realise::Filter filter) {
  switch (filter) {
    case realise::Filter::kNone:
      return "none";
    case realise::Filter::kNetwork:
      return "network";
    case realise::Filter::kUnixOnly:
      return "default, no network";
    case realise::Filter::kInet:
      return "default, IPv4 and IPv6";
  }
  return "none";
}

// What the user's options have made of the filter.
std::vector<std::string> UserFilters(const realise::Plan& plan) {
  std::vector<std::string> names;
  if (!plan.default_filter.empty()) names.push_back("default, calls allowed again");
  if (!plan.user_filter.empty()) names.push_back("own rules");
  return names;
}

std::vector<std::string> Namespaces(const realise::Plan& plan) {
  if (!plan.strict) return {};
  std::vector<std::string> names = {"user", "mount", "pid"};
  if (plan.isolation.ipc) names.push_back("ipc");
  if (plan.isolation.uts) names.push_back("uts");
  if (plan.isolation.cgroup) names.push_back("cgroup");
  if (plan.own_net || plan.net_namespace.ok()) names.push_back("net");
  return names;
}

std::vector<std::string> Gaps(const realise::Engaged& engaged) {
  std::vector<std::string> names;
  for (int gap = 0; gap < 32; ++gap) {
    if ((engaged.gaps & 1u << gap) == 0) continue;
    names.emplace_back(landlock::GapName(static_cast<landlock::Gap>(gap)));
  }
  return names;
}

}  // namespace

void ReportEngaged(const realise::Plan& plan, const realise::Engaged& engaged,
                   event::Sink& sink) {
  if (!sink.ok()) return;
  event::JsonRecord record = Record("engaged");
  record.Add("mode", plan.strict ? "strict" : plan.landlock ? "landlock" : "observe");
  record.Add("namespaces", Namespaces(plan));
  record.Add("view", plan.has_view);
  record.Add("landlock_abi", engaged.landlock_abi);
  record.Add("gaps", Gaps(engaged));
  record.Add("filter", NameOf(plan.filter));
  record.Add("filter_user", UserFilters(plan));
  record.Add("seccomp_mode", engaged.seccomp_mode);
  record.Add("no_new_privs", engaged.no_new_privs == 1);
  record.Add("capabilities", static_cast<int64_t>(engaged.capabilities));
  record.Add("layers", static_cast<int64_t>(plan.layers.size()));
  record.Add("observers", static_cast<int64_t>(plan.observers.size()));
  sink.Write(std::move(record));
}

void ReportEnd(const realise::Outcome& outcome, event::Sink& sink) {
  if (!sink.ok()) return;
  if (outcome.exec_errno != 0) {
    event::JsonRecord record = Record("failed");
    record.Add("step", "exec").Add("errno", outcome.exec_errno);
    return sink.Write(std::move(record));
  }
  event::JsonRecord record = Record("ended");
  if (outcome.timed_out) record.Add("limit", "timeout");
  if (outcome.status.signaled()) {
    record.Add("signal", outcome.status.term_signal());
  } else {
    record.Add("exit", outcome.status.exit_code());
  }
  sink.Write(std::move(record));
}

void ReportFailure(const absl::Status& status, event::Sink& sink) {
  if (!sink.ok()) return;
  event::JsonRecord record = Record("failed");
  record.Add("step", "set-up").Add("errno", GetErrno(status)).Add("message", status.message());
  sink.Write(std::move(record));
}

}  // namespace sandbox::exec_tool
