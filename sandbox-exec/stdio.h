// What the command may be given as standard input, output and error.

#ifndef SANDBOX_EXEC_STDIO_H_
#define SANDBOX_EXEC_STDIO_H_

#include "absl/status/status.h"

namespace sandbox::exec_tool {

// Refuses descriptors 0 to 2 that would lead past the sandbox: they were made outside of it, and no
// mount or namespace of the command holds for them. A directory would give all of the file system
// that it is in, for what Landlock has no right for (modes, times, attributes). A socket that is not
// a unix one with one peer could be connected anew or sent from, in the network that it was made in.
// Files, pipes and terminals are the caller's gift. With `shares_network` the command has that
// network anyway: TCP and UDP sockets are as good as its own.
//
// InvalidArgument, with what to do instead.
absl::Status CheckStdio(bool shares_network);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_STDIO_H_
