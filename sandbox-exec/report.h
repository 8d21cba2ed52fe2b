// What sandbox-exec writes to --status-fd.

#ifndef SANDBOX_EXEC_REPORT_H_
#define SANDBOX_EXEC_REPORT_H_

#include "absl/status/status.h"
#include "lib/event/sink.h"
#include "lib/realise/plan.h"
#include "lib/realise/run.h"

namespace sandbox::exec_tool {

// The first record: what is engaged, as the confined process itself found it before its exec.
void ReportEngaged(const realise::Plan& plan, const realise::Engaged& engaged, event::Sink& sink);
// The last record of a command that was run, or could not be.
void ReportEnd(const realise::Outcome& outcome, event::Sink& sink);
// The only record when nothing was run.
void ReportFailure(const absl::Status& status, event::Sink& sink);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_REPORT_H_
