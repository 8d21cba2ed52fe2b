// fake_stage   A program that claims to be a stage by its name.
//
// It adds what a stage would be given, one line each, to fake_stage.report in the current
// directory, or to the file that the variable FAKE_STAGE_REPORT names; whatever its arguments are:
//
//     handoff=NUMBER or none
//     fds=3,7             open descriptors from 3 on
//
// Exits 63 when it was given anything, else 0.

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string>

#include "tests/victims/outcome.h"

int main() {
  std::string fds;
  for (int fd = 3; fd < 65536; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) fds += (fds.empty() ? "" : ",") + std::to_string(fd);
  }
  const char* const handoff = getenv("SANDBOX_HANDOFF_FD");
  const char* const named = getenv("FAKE_STAGE_REPORT");
  FILE* const report = fopen(named == nullptr ? "fake_stage.report" : named, "ae");
  if (report == nullptr) return victims::kSetUpFailed;
  fprintf(report, "handoff=%s\nfds=%s\n", handoff == nullptr ? "none" : handoff, fds.c_str());
  if (fclose(report) != 0) return victims::kSetUpFailed;
  return handoff == nullptr && fds.empty() ? 0 : victims::kFoundBad;
}
