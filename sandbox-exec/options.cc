#include "sandbox-exec/options.h"

#include "absl/strings/str_cat.h"

namespace sandbox::exec_tool {
namespace {

using cli::Arg;

constexpr cli::Option kTable[] = {
    {.name = "read", .short_name = 'r', .arg = Arg::kPath, .metavar = "PATH", .repeatable = true,
     .help = "allow to read, list and execute PATH and all beneath it"},
    {.name = "write", .short_name = 'w', .arg = Arg::kPath, .metavar = "PATH", .repeatable = true,
     .help = "as --read, and to write, create, delete, rename and truncate"},
    {.name = "ro", .arg = Arg::kPath, .metavar = "PATH", .repeatable = true,
     .help = "as --read, without execute"},
    {.name = "rw", .arg = Arg::kPath, .metavar = "PATH", .repeatable = true,
     .help = "as --write, without execute"},
    {.name = "system",
     .help = "allow to read and execute the system's directories (/usr /bin /sbin /lib* /etc /opt "
             "/nix); in strict mode with an own /proc, a private /dev, and an empty private /tmp, "
             "/dev/shm and home directory; in landlock mode with the harmless devices of /dev, and "
             "/proc to read"},
    {.name = "mode", .arg = Arg::kChoice, .choices = "auto|strict|landlock",
     .help = "how to confine: strict, with own namespaces and a view of the grants; landlock, "
             "with neither, by Landlock and the filter alone; auto, the default, by the strongest "
             "that works here"},
    {.name = "status-fd", .arg = Arg::kFd, .metavar = "N",
     .help = "write JSON Lines to descriptor N: what is engaged, then how it ended"},
    {.name = "realise",
     .help = "realise what the stages before declared, and restrict nothing of its own; put in by "
             "the other tools when no sandbox-exec is in the line"},
};

view::Grant GrantOf(const cli::Given& given) {
  return {.path = given.value,
          .write = given.Is("write") || given.Is("rw"),
          .execute = given.Is("read") || given.Is("write"),
          .system = false};
}

}  // namespace

cli::Interface Interface() {
  return {
      .tool = "sandbox-exec",
      .synopsis = "[OPTION]... [--] COMMAND [ARG]...",
      .summary = "Run COMMAND with the rights that are named, and no others.",
      .options = kTable,
  };
}

absl::StatusOr<Options> ToOptions(const cli::Parsed& parsed) {
  Options options;
  for (const cli::Given& given : parsed.options) {
    if (given.Is("system")) {
      options.system = true;
    } else if (given.Is("realise")) {
      options.realise = true;
    } else if (given.Is("status-fd")) {
      options.status_fd = given.fd();
    } else if (given.Is("mode")) {
      options.mode = given.value == "strict"     ? Mode::kStrict
                     : given.value == "landlock" ? Mode::kLandlock
                                                 : Mode::kAuto;
    } else {
      options.grants.push_back(GrantOf(given));
    }
  }
  const bool restricts = options.system || !options.grants.empty();
  if (options.realise && restricts) {
    return absl::InvalidArgumentError("--realise takes no file rights: leave one out");
  }
  if (!options.realise && !restricts && !parsed.rest.empty()) {
    return absl::InvalidArgumentError("no file rights given: try --system");
  }
  return options;
}

}  // namespace sandbox::exec_tool
