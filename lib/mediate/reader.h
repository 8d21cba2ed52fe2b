// From a notification to an order: everything that is read of the caller, read once.

#ifndef LIB_MEDIATE_READER_H_
#define LIB_MEDIATE_READER_H_

#include <linux/seccomp.h>
#include <vector>

#include "lib/fd/unique_fd.h"
#include "lib/mediate/order.h"
#include "lib/notify/observation.h"

namespace sandbox::mediate {

// An order and its descriptors, or the errno that the caller gets at once.
struct Reading {
  int err = 0;
  Order order;
  std::vector<UniqueFd> fds;
};

// Reads the caller's umask, ids and session, and pins what its paths start at: root, working
// directory, descriptors. `seen` is the copy of its memory, made before. Whoever calls checks
// afterwards that the notification still waits: only then was all of it the caller's own.
// Needs ptrace access to the caller, and its numbers in the reader's /proc.
Reading ReadOrder(const seccomp_notif& call, const notify::Observation& seen);

}  // namespace sandbox::mediate

#endif  // LIB_MEDIATE_READER_H_
