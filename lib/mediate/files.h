// System calls on files, done on behalf of their caller where no rule denies it.

#ifndef LIB_MEDIATE_FILES_H_
#define LIB_MEDIATE_FILES_H_

#include <cstdint>
#include <utility>

#include "absl/types/span.h"
#include "lib/fd/unique_fd.h"
#include "lib/mediate/order.h"
#include "lib/mediate/spot.h"
#include "lib/policy/denies.h"

namespace sandbox::mediate {

// What became of a call: 0 or an errno, and what open() opened.
struct Deed {
  int err = 0;
  UniqueFd opened;
  // The call may sleep for as long as it likes (a FIFO without its other end): do it again with
  // `may_sleep`, in a process that may.
  bool would_sleep = false;
};

// Decides on what a path leads to at the time, and acts on just that: the directory is pinned, and
// a rename that could change what the rules say of it is itself refused. Stands where the caller
// stands: its mount namespace, root, pid namespace, uid and Landlock rights.
//
// Calls: open openat creat mkdir mkdirat mknod mknodat symlink symlinkat link linkat rename renameat
// renameat2 unlink unlinkat rmdir truncate, bind to a path, and those that change modes, owners,
// times and extended attributes. Any other is denied.
class Files {
 public:
  Files(policy::Denies denies, Resolver resolver)
      : denies_(std::move(denies)), resolver_(resolver) {}

  // `fds` as Order says; borrowed. Changes this process's umask.
  Deed Do(const Order& order, absl::Span<const int> fds, bool may_sleep) const;

 private:
  struct Request;

  Deed Open(const Request& r, bool may_sleep) const;
  int Make(const Request& r) const;
  int Rename(const Request& r) const;
  int Link(const Request& r) const;
  int Remove(const Request& r) const;
  int Truncate(const Request& r) const;
  int Bind(const Request& r) const;
  int ChangeMetadata(const Request& r) const;

  int Find(const Request& r, int which, bool follow, Spot* spot) const;
  bool Denied(const Spot& spot, policy::Use use) const;
  // Whether a thing like `moved` may get the name `spot`.
  bool MayBeCalled(const Spot& moved, const Spot& spot) const;

  policy::Denies denies_;
  Resolver resolver_;
};

}  // namespace sandbox::mediate

#endif  // LIB_MEDIATE_FILES_H_
