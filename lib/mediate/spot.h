// A path, resolved as its caller would have, and pinned.

#ifndef LIB_MEDIATE_SPOT_H_
#define LIB_MEDIATE_SPOT_H_

#include <string>
#include <sys/stat.h>
#include <sys/types.h>

#include "absl/strings/string_view.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::mediate {

// Where a path leads: a name in a directory that stays the same one, whatever is renamed meanwhile.
struct Spot {
  UniqueFd parent;   // O_PATH; none where `object` was reached without a name
  std::string name;  // the last component; "" for the root, ".", ".." and open files by number
  UniqueFd object;   // what is there, O_PATH, not followed; none: nothing is
  struct stat info = {};  // of the object
  std::string path;  // as the caller's root has it; "" for what is not in its tree: a pipe
  bool wants_directory = false;  // the path ended with a slash

  bool exists() const { return object.ok(); }
  bool is_directory() const { return exists() && S_ISDIR(info.st_mode); }
  bool is_link() const { return exists() && S_ISLNK(info.st_mode); }
};

// Whom /proc/self and /proc/thread-self are to mean, as the caller's pid namespace numbers them.
struct Caller {
  pid_t process = 0;
  pid_t thread = 0;
};

// Resolves in the mount namespace, root and pid namespace that it stands in, which are the
// caller's, component by component: what the kernel would take for this process's own in /proc is
// the caller's instead, and this process's own is out of reach.
class Resolver {
 public:
  // `descriptors` is this process's /proc/self/fd; borrowed.
  explicit Resolver(int descriptors) : descriptors_(descriptors) {}

  // Resolves `path` from the directory `base`; an empty one is `base` itself. A link that is the
  // last component is followed with `follow`. Returns 0 and fills `spot`, or an errno. That nothing
  // is there is no error, when its directory is.
  int Resolve(const Caller& caller, int base, absl::string_view path, bool follow,
              Spot* spot) const;

  // The path of an open file of this process in its root; "" when it has none there.
  std::string PathOf(int fd) const;

  int descriptors() const { return descriptors_; }

 private:
  int descriptors_;
};

}  // namespace sandbox::mediate

#endif  // LIB_MEDIATE_SPOT_H_
