// floor PROGRAM [ARG...]   Becomes PROGRAM, at once: what a static C++ program with Abseil and
// protobuf costs before it has done anything.

#include <cerrno>
#include <string>
#include <unistd.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/handoff/handoff.pb.h"

int main(int argc, char** argv) {
  if (argc < 2) return 125;
  sandbox::handoff::v1::Handoff message;
  message.set_version(static_cast<uint32_t>(argc));
  const absl::Status status = absl::OkStatus();
  // Both have to be there, as in the tools.
  if (message.SerializeAsString().empty() || absl::StrCat(status.ToString()).empty()) return 125;
  execv(argv[1], argv + 1);
  return errno == ENOENT ? 127 : 126;
}
