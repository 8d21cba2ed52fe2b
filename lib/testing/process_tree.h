// Which processes a test has started, found again however they went away from it.
//
// A test's processes carry a mark: a variable of their environment as it was at their exec, or a
// part of their command line (a path of the test's own does). Environments of processes that are
// not dumpable are unreadable for an ordinary user: name a marked path in their command line.
// All of this reads /proc and sees a snapshot that is old at once.

#ifndef LIB_TESTING_PROCESS_TREE_H_
#define LIB_TESTING_PROCESS_TREE_H_

#include <string>
#include <sys/types.h>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sandbox::testing {

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;
  char state = '?';     // as in /proc/PID/stat: R, S, D, T, Z ...
  std::string command = {};  // the command line, blanks between the words
};

// Every process of this pid namespace, zombies included.
std::vector<Process> AllProcesses();

// Those below `root` now, without it: children, their children, and so on.
std::vector<Process> Descendants(pid_t root);

// A mark that nobody else has: "SANDBOX_TEST_MARK=" and random digits.
std::string MakeMark();

// Living processes (no zombies) with `mark` in their environment, or the mark's value (what follows
// "=") in their command line; the caller excepted. One that is in the middle of an exec shows neither.
std::vector<Process> Marked(absl::string_view mark);

// Marked(), once it holds `count` processes or more; what it holds at the deadline otherwise.
std::vector<Process> WaitUntilMarked(absl::string_view mark, size_t count,
                                     absl::Duration deadline = absl::Minutes(1));

// Waits until Marked() is empty, twice in a row. DeadlineExceeded names who is left. Polls: nothing
// tells of the end of processes that are not the caller's children.
absl::Status WaitUntilGone(absl::string_view mark, absl::Duration deadline = absl::Minutes(1));

// The lines of the mountinfo files of all readable processes that contain `text`, each once.
std::vector<std::string> MountsNaming(absl::string_view text);

// Kills all of `pids` and everything below them, and goes on until nothing new appears there.
void KillTrees(const std::vector<pid_t>& pids);

}  // namespace sandbox::testing

#endif  // LIB_TESTING_PROCESS_TREE_H_
