// The options of sandbox-exec about system calls.

#ifndef SANDBOX_EXEC_OPTIONS_FILTER_H_
#define SANDBOX_EXEC_OPTIONS_FILTER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/cli/option.h"
#include "lib/cli/parse.h"
#include "lib/seccomp/policy.h"

namespace sandbox::exec_tool {

inline constexpr cli::Option kFilterTable[] = {
    {.name = "deny-syscall", .arg = cli::Arg::kText, .metavar = "CALL[:ANSWER]", .repeatable = true,
     .help = "deny the system call CALL: NAME, @GROUP or NAME(CONDITION,...), where a CONDITION is "
             "argN[&MASK] OP VALUE with N from 0, OP one of == != < <= > >= on 64 unsigned bits, "
             "and intN in place of argN the 32 bits of an int; ANSWER is an error (EPERM, the "
             "default, or its number), kill, or log, which allows and logs"},
    {.name = "allow-syscall", .arg = cli::Arg::kText, .metavar = "CALL", .repeatable = true,
     .help = "allow CALL though the default filter refuses it; with --syscall-default, besides, add "
             "it to the list; what makes namespaces or mounts, io_uring, a second listener and what "
             "the network rules need stay refused"},
    {.name = "syscall-default", .arg = cli::Arg::kText, .metavar = "ERRNO|kill",
     .help = "answer so to all calls but those of --allow-syscall and of @baseline"},
    {.name = "seccomp-profile", .arg = cli::Arg::kPath, .metavar = "FILE",
     .help = "put on the seccomp profile FILE, JSON of Docker or OCI, besides the default filter, as "
             "for a process without capabilities; together with --deny-syscall only"},
    {.name = "list-groups", .help = "print the groups of system calls and their members and exit"},
    {.name = "dump-filter", .arg = cli::Arg::kChoice, .choices = "table|pfc|bpf",
     .help = "print the filters that the other options make and exit: as a table of rules, as "
             "pseudo code, or as instructions"},
};

enum class Dump { kNone, kTable, kPfc, kBpf };

struct FilterOptions {
  std::vector<std::string> deny;  // as given
  std::vector<std::string> allow;
  std::optional<seccomp::Action> otherwise;
  std::string profile;  // path; empty: none
  bool list_groups = false;
  Dump dump = Dump::kNone;

  // Nothing is run.
  bool only_shows() const { return list_groups || dump != Dump::kNone; }
  // Anything but the prebuilt filter.
  bool any() const {
    return !deny.empty() || !allow.empty() || otherwise.has_value() || !profile.empty();
  }
};

// Takes `given` when it is one of kFilterTable; whether it was. InvalidArgument for a wrong answer.
absl::StatusOr<bool> TakeFilterOption(const cli::Given& given, FilterOptions* options);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_OPTIONS_FILTER_H_
