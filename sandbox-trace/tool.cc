#include "sandbox-trace/tool.h"

#include <fcntl.h>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/chain/keep.h"
#include "lib/chain/run_tool.h"
#include "lib/chain/stage.h"
#include "lib/cli/parse.h"
#include "lib/diag/diag.h"
#include "lib/event/sink.h"
#include "lib/fd/message.h"
#include "lib/proc/event_loop.h"
#include "sandbox-trace/options.h"
#include "sandbox-trace/recorder.h"
#include "sandbox-trace/watcher.h"

namespace sandbox::trace_tool {
namespace {

constexpr char kSocket[] = "trace-notify";

absl::StatusOr<event::Sink> OpenEvents(int fd) {
  if (fd < 0) return event::Sink();
  if (fd <= 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("--events-fd ", fd, " is the command's own: take one from 3 on, as in 3>FILE"));
  }
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("--events-fd ", fd, " is not open"));
  }
  return event::Sink(UniqueFd(fd));
}

absl::Status Declare(chain::Stage& stage, UniqueFd socket) {
  handoff::v1::Interest* interest = stage.handoff().add_interests();
  interest->set_tool(stage.tool());
  interest->set_socket(kSocket);
  for (const char* call : {"open", "exec", "connect"}) interest->add_calls(call);
  stage.Give(kSocket, handoff::v1::Descriptor::KIND_SOCKET, std::move(socket));
  return absl::OkStatus();
}

void PrintSummary(const Recorder& recorder, const diag::Diag& diag) {
  for (const auto line : absl::StrSplit(recorder.Summary(), '\n', absl::SkipEmpty())) {
    diag.Notice(line);
  }
}

// The keeper: serves until the chain below has ended, then says what it saw.
int Keep(pid_t child, chain::Stage& stage, proc::EventLoop* loop, UniqueFd socket,
         event::Sink events, const diag::Diag& diag) {
  const bool summarise = !events.ok();
  Recorder recorder(std::move(events));
  Watcher watcher(std::move(socket), &recorder);
  const auto serve = [&] { return watcher.Serve(loop); };
  const auto status = chain::Keep(stage, child, {}, loop, serve);
  if (!status.ok()) return diag.Fatal(status.status());
  watcher.Drain();
  recorder.Finish();
  if (summarise) PrintSummary(recorder, diag);
  chain::EndAs(*status);
}

absl::StatusOr<int> Run(const Options& options, const std::vector<std::string>& words,
                        chain::Stage& stage, const diag::Diag& diag) {
  ASSIGN_OR_RETURN(event::Sink events, OpenEvents(options.events_fd));
  RETURN_IF_ERROR(stage.Enter(words, options.last));
  ASSIGN_OR_RETURN(auto pair, MakeSocketPair());
  ASSIGN_OR_RETURN(const std::unique_ptr<proc::EventLoop> loop, proc::EventLoop::Create());
  ASSIGN_OR_RETURN(const pid_t child, stage.Split());
  if (child != 0) {
    pair.second.reset();
    return Keep(child, stage, loop.get(), std::move(pair.first), std::move(events), diag);
  }
  RETURN_IF_ERROR(Declare(stage, std::move(pair.second)));
  return stage.Pass();
}

int Work(const cli::Parsed& parsed, chain::Stage& stage, const diag::Diag& diag) {
  const auto code = Run(ToOptions(parsed), parsed.rest, stage, diag);
  return code.ok() ? *code : diag.Fatal(code.status());
}

}  // namespace

int Main(int argc, const char* const argv[], const char* const environment[]) {
  return chain::RunTool(Interface(), argc, argv, environment, Work);
}

}  // namespace sandbox::trace_tool
