#include "lib/testing/process_tree.h"

#include <algorithm>
#include <csignal>
#include <dirent.h>
#include <memory>
#include <set>
#include <sys/random.h>
#include <unistd.h>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "lib/testing/files.h"

namespace sandbox::testing {
namespace {

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};

std::string ProcFile(pid_t pid, absl::string_view name) {
  return ReadFile(absl::StrCat("/proc/", pid, "/", name)).value_or("");
}

// The fields after the name, which may hold anything but ends with the last parenthesis.
bool ParseStat(absl::string_view stat, Process& process) {
  const size_t end = stat.rfind(')');
  if (end == absl::string_view::npos || end + 2 >= stat.size()) return false;
  const std::vector<absl::string_view> fields = absl::StrSplit(stat.substr(end + 2), ' ');
  if (fields.size() < 3 || fields[0].empty()) return false;
  process.state = fields[0][0];
  return absl::SimpleAtoi(fields[1], &process.parent) &&
         absl::SimpleAtoi(fields[2], &process.group);
}

bool Dead(const Process& process) { return process.state == 'Z' || process.state == 'X'; }

}  // namespace

std::vector<Process> AllProcesses() {
  std::vector<Process> found;
  const std::unique_ptr<DIR, CloseDir> dir(opendir("/proc"));
  if (dir == nullptr) return found;
  while (const dirent* entry = readdir(dir.get())) {
    Process process;
    if (!absl::SimpleAtoi(entry->d_name, &process.pid)) continue;
    if (!ParseStat(ProcFile(process.pid, "stat"), process)) continue;
    process.command = ProcFile(process.pid, "cmdline");
    std::replace(process.command.begin(), process.command.end(), '\0', ' ');
    found.push_back(std::move(process));
  }
  return found;
}

std::vector<Process> Descendants(pid_t root) {
  const std::vector<Process> all = AllProcesses();
  std::set<pid_t> tree = {root};
  std::vector<Process> found;
  // A child may be listed before its parent: until nothing is added.
  for (bool grown = true; grown;) {
    grown = false;
    for (const Process& process : all) {
      if (tree.contains(process.pid) || !tree.contains(process.parent)) continue;
      tree.insert(process.pid);
      found.push_back(process);
      grown = true;
    }
  }
  return found;
}

std::string MakeMark() {
  uint64_t number = 0;
  while (getrandom(&number, sizeof(number), 0) != sizeof(number)) {
  }
  return absl::StrFormat("SANDBOX_TEST_MARK=%016x", number);
}

std::vector<Process> Marked(absl::string_view mark) {
  const absl::string_view value = mark.substr(mark.find('=') + 1);
  std::vector<Process> found;
  for (Process& process : AllProcesses()) {
    if (process.pid == getpid() || Dead(process)) continue;
    bool marked = absl::StrContains(process.command, value);
    const std::string environment = ProcFile(process.pid, "environ");
    for (const absl::string_view variable : absl::StrSplit(environment, '\0')) {
      marked = marked || variable == mark;
    }
    if (marked) found.push_back(std::move(process));
  }
  return found;
}

std::vector<Process> WaitUntilMarked(absl::string_view mark, size_t count,
                                     absl::Duration deadline) {
  const absl::Time end = absl::Now() + deadline;
  for (;;) {
    std::vector<Process> found = Marked(mark);
    if (found.size() >= count || absl::Now() > end) return found;
    absl::SleepFor(absl::Milliseconds(5));
  }
}

absl::Status WaitUntilGone(absl::string_view mark, absl::Duration deadline) {
  const absl::Time end = absl::Now() + deadline;
  for (bool was_empty = false;;) {
    const std::vector<Process> left = Marked(mark);
    if (left.empty() && was_empty) return absl::OkStatus();
    was_empty = left.empty();
    if (!was_empty && absl::Now() > end) {
      return absl::DeadlineExceededError(absl::StrCat(
          "still there: ", absl::StrJoin(left, "; ", [](std::string* out, const Process& process) {
            absl::StrAppend(out, process.pid, " ", process.command);
          })));
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
}

std::vector<std::string> MountsNaming(absl::string_view text) {
  std::set<std::string> found;
  for (const Process& process : AllProcesses()) {
    for (const absl::string_view line : absl::StrSplit(ProcFile(process.pid, "mountinfo"), '\n')) {
      if (absl::StrContains(line, text)) found.insert(std::string(line));
    }
  }
  return {found.begin(), found.end()};
}

void KillTrees(const std::vector<pid_t>& pids) {
  // Stopped first, so that nobody forks away from a list that was just made.
  std::set<pid_t> known(pids.begin(), pids.end());
  for (const pid_t pid : pids) kill(pid, SIGSTOP);
  for (bool grown = true; grown;) {
    grown = false;
    for (const pid_t pid : std::vector<pid_t>(known.begin(), known.end())) {
      for (const Process& process : Descendants(pid)) {
        if (Dead(process) || !known.insert(process.pid).second) continue;
        kill(process.pid, SIGSTOP);
        grown = true;
      }
    }
  }
  for (const pid_t pid : known) kill(pid, SIGKILL);
}

}  // namespace sandbox::testing
