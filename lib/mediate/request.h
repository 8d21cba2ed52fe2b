// Reading an order by what its call means. Private to this library.

#ifndef LIB_MEDIATE_REQUEST_H_
#define LIB_MEDIATE_REQUEST_H_

#include <cstdint>
#include <sys/types.h>

#include "absl/types/span.h"
#include "lib/mediate/files.h"

namespace sandbox::mediate {

struct Files::Request {
  const Order& order;
  absl::Span<const int> fds;

  uint64_t argument(int i) const { return order.arguments[i]; }
  int flags(int i) const { return static_cast<int>(order.arguments[i]); }
  mode_t mode(int i) const { return static_cast<mode_t>(order.arguments[i] & 07777); }
  Caller caller() const { return {.process = order.process, .thread = order.thread}; }
};

}  // namespace sandbox::mediate

#endif  // LIB_MEDIATE_REQUEST_H_
