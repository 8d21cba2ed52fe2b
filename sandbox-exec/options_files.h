// The options of sandbox-exec about files.

#ifndef SANDBOX_EXEC_OPTIONS_FILES_H_
#define SANDBOX_EXEC_OPTIONS_FILES_H_

#include <string>
#include <vector>

#include "lib/cli/option.h"
#include "lib/cli/parse.h"
#include "lib/policy/denies.h"
#include "lib/view/view.h"

namespace sandbox::exec_tool {

inline constexpr cli::Option kFileTable[] = {
    {.name = "read", .short_name = 'r', .arg = cli::Arg::kPath, .metavar = "PATH",
     .repeatable = true, .help = "allow to read, list and execute PATH and all beneath it"},
    {.name = "write", .short_name = 'w', .arg = cli::Arg::kPath, .metavar = "PATH",
     .repeatable = true, .help = "as --read, and to write, create, delete, rename and truncate"},
    {.name = "ro", .arg = cli::Arg::kPath, .metavar = "PATH", .repeatable = true,
     .help = "as --read, without execute"},
    {.name = "rw", .arg = cli::Arg::kPath, .metavar = "PATH", .repeatable = true,
     .help = "as --write, without execute"},
    {.name = "system",
     .help = "allow to read and execute the system's directories (/usr /bin /sbin /lib* /etc /opt "
             "/nix/store); in strict mode with an own /proc, a private /dev, and an empty private /tmp, "
             "/dev/shm and home directory; in landlock mode with the harmless devices of /dev, and "
             "/proc to read"},
    {.name = "ignore-missing",
     .help = "skip a path of --read, --write, --ro and --rw that does not exist; otherwise that is "
             "an error"},
    {.name = "deny", .arg = cli::Arg::kPath, .metavar = "PATTERN", .repeatable = true,
     .help = "deny every use of PATTERN and all beneath it within what is granted: a path that need "
             "not exist, in which * ? [a-z] stand for parts of a name and ** for any number of "
             "directories"},
    {.name = "deny-write", .arg = cli::Arg::kPath, .metavar = "PATTERN", .repeatable = true,
     .help = "as --deny, for every change: content, names, modes, owners, times and attributes"},
    {.name = "allow-inside", .arg = cli::Arg::kPath, .metavar = "PATTERN", .repeatable = true,
     .help = "an exception within --deny and --deny-write; where several match, the one with most "
             "components of the path decides, on a tie the deny"},
    {.name = "protect",
     .help = "deny writing what runs code later or steers tools, existing or not: git hooks and "
             "configuration, shell start-up files, editor and agent settings, in the working "
             "directory at any depth and in the home directory"},
};

// A pattern as given.
struct GivenDeny {
  std::string pattern;
  policy::Effect effect;
};

struct FileOptions {
  std::vector<view::Grant> grants;  // of -r, -w, --ro, --rw; paths as given
  bool system = false;
  bool ignore_missing = false;
  std::vector<GivenDeny> denies;
  bool protect = false;

  bool any() const { return system || !grants.empty(); }
};

// Takes `given` when it is one of kFileTable; whether it was.
bool TakeFileOption(const cli::Given& given, FileOptions* options);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_OPTIONS_FILES_H_
