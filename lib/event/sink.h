// Where records go.

#ifndef LIB_EVENT_SINK_H_
#define LIB_EVENT_SINK_H_

#include <cstdint>
#include <utility>

#include "lib/event/json.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::event {

// Writes records to a descriptor, each by one write(2), which blocks as the descriptor does. A
// reader that is gone is no failure of the run: what cannot be written is counted. The process must
// ignore or block SIGPIPE.
class Sink {
 public:
  Sink() = default;
  explicit Sink(UniqueFd fd) : fd_(std::move(fd)) {}

  bool ok() const { return fd_.ok(); }
  void Write(JsonRecord record);
  uint64_t lost() const { return lost_; }

 private:
  UniqueFd fd_;
  uint64_t lost_ = 0;
};

}  // namespace sandbox::event

#endif  // LIB_EVENT_SINK_H_
