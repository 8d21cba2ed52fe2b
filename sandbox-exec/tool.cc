#include "sandbox-exec/tool.h"

#include <fcntl.h>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/chain/run_tool.h"
#include "lib/chain/stage.h"
#include "lib/cli/parse.h"
#include "lib/diag/diag.h"
#include "lib/event/sink.h"
#include "lib/proc/signals.h"
#include "lib/realise/probe.h"
#include "lib/realise/run.h"
#include "lib/seccomp/describe.h"
#include "sandbox-exec/explain.h"
#include "sandbox-exec/options.h"
#include "sandbox-exec/plan.h"
#include "sandbox-exec/report.h"
#include "sandbox-exec/show_filter.h"
#include "sandbox-exec/stdio.h"

namespace sandbox::exec_tool {
namespace {

// Whether to make namespaces: as asked, as an earlier stage found, or as a probe finds now.
absl::StatusOr<bool> DecideStrict(const Options& options, const handoff::Handoff& declared,
                                  const diag::Diag& diag) {
  if (!Confines(options, declared)) return false;
  if (options.mode != Mode::kAuto) return options.mode == Mode::kStrict;
  const bool needed = declared.layers_size() > 0 || declared.has_network();
  if (needed) return true;  // or it fails, by name
  const absl::Status possible = realise::CanMakeNamespaces();
  if (!possible.ok()) {
    if (!absl::IsUnavailable(possible)) return possible;
    diag.Notice(absl::StrCat("no namespaces here (", possible.message(),
                             "): --mode=landlock, which hides nothing and confines less"));
  }
  return possible.ok();
}

absl::StatusOr<event::Sink> OpenStatus(int fd) {
  if (fd < 0) return event::Sink();
  // One of the command's own three stays open for it.
  if (fcntl(fd, F_GETFD) < 0 || (fd > 2 && fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)) {
    return absl::InvalidArgumentError(absl::StrCat("--status-fd ", fd, " is not open"));
  }
  ASSIGN_OR_RETURN(UniqueFd copy, DupFd(fd));
  return event::Sink(std::move(copy));
}

// A stage that comes too late would only fail at its first system call.
absl::Status RefuseLateStages(const chain::NextProgram& next) {
  if (next.stage.empty() || next.stage == chain::kExec) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(next.stage, " cannot work inside a finished sandbox; put it before ",
                   chain::kExec));
}

absl::StatusOr<realise::Outcome> Run(const Options& options, chain::Stage& stage,
                                     event::Sink& status, const diag::Diag& diag) {
  ASSIGN_OR_RETURN(const bool strict, DecideStrict(options, stage.handoff(), diag));
  ASSIGN_OR_RETURN(realise::Plan plan, CompilePlan(options, strict, stage));
  plan.check_only = options.check;
  const auto engaged = [&status](const realise::Plan& p, const realise::Engaged& e) {
    ReportEngaged(p, e, status);
  };
  if (realise::NeedsKeeper(plan)) {
    RETURN_IF_ERROR(stage.StandApart());
    plan.outer = stage.outer();
    return realise::Run(std::move(plan), engaged);
  }
  return realise::RunInPlace(plan, engaged);
}

absl::StatusOr<std::string> Explanations(const Options& options, const chain::Stage& stage) {
  ASSIGN_OR_RETURN(const std::string cwd, WorkingDirectory());
  const char* home = stage.environment().Get("HOME");
  std::string text;
  for (const std::string& path : options.explain) {
    ASSIGN_OR_RETURN(const std::string lines,
                     Explain(options.files, home == nullptr ? "" : home, cwd, path));
    text += lines;
  }
  return text;
}

// Whether something is to be printed and nothing to be run.
bool OnlyShows(const Options& options) {
  return options.filter.only_shows() || !options.explain.empty();
}

// What to print instead of running a command.
absl::StatusOr<std::string> TextToShow(const Options& options,
                                       const std::vector<std::string>& words, chain::Stage& stage,
                                       const diag::Diag& diag) {
  if (!options.explain.empty()) return Explanations(options, stage);
  if (options.filter.list_groups) return seccomp::GroupsText();
  // Stages before this one count; the command does not, and any name does for one.
  RETURN_IF_ERROR(stage.Enter(words.empty() ? std::vector<std::string>{"true"} : words,
                              /*last=*/false));
  ASSIGN_OR_RETURN(const bool strict, DecideStrict(options, stage.handoff(), diag));
  ASSIGN_OR_RETURN(const realise::Plan plan, CompilePlan(options, strict, stage));
  return FilterText(options.filter, plan);
}

int Work(const cli::Parsed& parsed, chain::Stage& stage, const diag::Diag& diag) {
  const auto options = ToOptions(parsed);
  if (!options.ok()) return diag.Fatal(options.status());
  if (OnlyShows(*options)) {
    const auto text = TextToShow(*options, parsed.rest, stage, diag);
    return text.ok() ? diag.Print(*text) : diag.Fatal(text.status());
  }
  if (const absl::Status kept = CheckKeptDescriptors(options->start, options->status_fd); !kept.ok()) {
    return diag.Fatal(kept);
  }
  // A check says on stdout what the status would.
  auto status = OpenStatus(options->check && options->status_fd < 0 ? 1 : options->status_fd);
  if (!status.ok()) return diag.Fatal(status.status());

  std::vector<std::string> words = parsed.rest;
  if (options->check && words.empty()) words = {"true"};  // it is not run
  absl::Status entered = stage.Enter(words, /*last=*/false);
  if (entered.ok()) entered = RefuseLateStages(stage.next());
  if (entered.ok() && !options->start.keep_fds.empty() && !stage.is_first()) {
    // What has this number now is not the caller's: stages close what they do not know.
    entered = absl::InvalidArgumentError(
        "--keep-fd cannot pass the stages before, which close the caller's descriptors: leave it or "
        "them out");
  }
  const bool confines = !options->realise || stage.handoff().has_network();
  if (entered.ok() && confines) entered = CheckStdio(options->network.share_net);
  if (!entered.ok()) {
    ReportFailure(entered, *status);
    return diag.Fatal(entered);
  }
  const std::string command = stage.next().argv[0];
  const auto outcome = Run(*options, stage, *status, diag);
  if (!outcome.ok()) {
    ReportFailure(outcome.status(), *status);
    return diag.Fatal(
        Annotate(outcome.status(), absl::StrCat("cannot confine ", command)));
  }
  if (options->check) return 0;
  ReportEnd(*outcome, *status);
  if (outcome->exec_errno != 0) {
    diag.Notice(absl::StrCat(
        "cannot run ", ErrnoError(outcome->exec_errno, command).message()));
  }
  proc::EndAs(outcome->status);
}

}  // namespace

int Main(int argc, const char* const argv[], const char* const environment[]) {
  return chain::RunTool(Interface(), argc, argv, environment, Work);
}

}  // namespace sandbox::exec_tool
