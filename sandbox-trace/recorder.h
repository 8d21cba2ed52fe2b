// From observations to event records and a summary.

#ifndef SANDBOX_TRACE_RECORDER_H_
#define SANDBOX_TRACE_RECORDER_H_

#include <cstdint>
#include <set>
#include <string>

#include "lib/event/json.h"
#include "lib/event/sink.h"
#include "lib/notify/observation.h"

namespace sandbox::trace_tool {

// Writes one record per observed call, and counts for the summary. All strings come from the
// sandboxed program; they are escaped where they are written.
class Recorder {
 public:
  explicit Recorder(event::Sink events) : events_(std::move(events)) {}

  void Record(const notify::Observation& seen);

  // The last record, kind "summary", with exact counts.
  void Finish();

  // A few lines for people: programs run, files opened for writing, where it connected to.
  std::string Summary() const;

 private:
  event::Sink events_;
  uint64_t seen_ = 0;
  uint64_t opened_ = 0;
  std::set<std::string> programs_;
  std::set<std::string> written_;
  std::set<std::string> targets_;
};

// The path of `seen` as an absolute one, in the caller's view; symbolic links as they came.
std::string AbsolutePath(const notify::Observation& seen);

// A socket address in words: "127.0.0.1:80", "[::1]:80", "unix:/run/x", "unix:@name", "family 40".
std::string AddressText(const std::string& address);

}  // namespace sandbox::trace_tool

#endif  // SANDBOX_TRACE_RECORDER_H_
