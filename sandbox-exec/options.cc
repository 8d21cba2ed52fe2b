#include "sandbox-exec/options.h"

#include <array>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace sandbox::exec_tool {
namespace {

using cli::Arg;

constexpr cli::Option kRunTable[] = {
    {.name = "mode", .arg = Arg::kChoice, .choices = "auto|strict|landlock",
     .help = "how to confine: strict, with own namespaces and a view of the grants; landlock, "
             "with neither, by Landlock and the filter alone; auto, the default, by the strongest "
             "that works here"},
    {.name = "status-fd", .arg = Arg::kFd, .metavar = "N",
     .help = "write JSON Lines to descriptor N: what is engaged, then how it ended"},
    {.name = "check",
     .help = "make the sandbox, print what is engaged, as --status-fd has it, and run nothing"},
    {.name = "explain", .arg = Arg::kPath, .metavar = "PATH", .repeatable = true,
     .help = "print which rule decides about PATH, and run nothing"},
    {.name = "realise",
     .help = "realise what the stages before declared, and restrict nothing of its own; put in by "
             "the other tools when no sandbox-exec is in the line"},
};

// All groups in one table.
template <size_t... sizes>
constexpr auto Join(const cli::Option (&... groups)[sizes]) {
  std::array<cli::Option, (sizes + ...)> table = {};
  size_t next = 0;
  const auto append = [&](const auto& group) {
    for (const cli::Option& option : group) table[next++] = option;
  };
  (append(groups), ...);
  return table;
}

constexpr auto kTable = Join(kFileTable, kNetworkTable, kFilterTable, kIsolationTable,
                             kEnvironmentTable, kStartTable, kLimitsTable, kRunTable);

bool TakeRunOption(const cli::Given& given, Options* options) {
  if (given.Is("realise")) {
    options->realise = true;
  } else if (given.Is("check")) {
    options->check = true;
  } else if (given.Is("explain")) {
    options->explain.push_back(given.value);
  } else if (given.Is("status-fd")) {
    options->status_fd = given.fd();
  } else if (given.Is("mode")) {
    options->mode = given.value == "strict"     ? Mode::kStrict
                    : given.value == "landlock" ? Mode::kLandlock
                                                : Mode::kAuto;
  } else {
    return false;
  }
  return true;
}

absl::Status Take(const cli::Given& given, Options* options) {
  if (TakeRunOption(given, options) || TakeFileOption(given, &options->files)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(bool taken, TakeNetworkOption(given, &options->network));
  if (!taken) {
    ASSIGN_OR_RETURN(taken, TakeEnvironmentOption(given, &options->environment));
  }
  if (!taken) {
    ASSIGN_OR_RETURN(taken, TakeStartOption(given, &options->start));
  }
  if (!taken) {
    ASSIGN_OR_RETURN(taken, TakeLimitOption(given, &options->limits));
  }
  if (!taken) {
    ASSIGN_OR_RETURN(taken, TakeIsolationOption(given, &options->isolation));
  }
  if (taken) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool filters, TakeFilterOption(given, &options->filter));
  if (filters) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("--", given.option->name, " belongs to no group"));
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
  for (const cli::Given& given : parsed.options) RETURN_IF_ERROR(Take(given, &options));
  if (options.realise) {
    for (const cli::Given& given : parsed.options) {
      if (given.Is("realise") || given.Is("status-fd") || given.Is("mode")) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("--realise restricts nothing of its own: leave --", given.option->name,
                       " or --realise out"));
    }
  } else if (!options.files.any() && (options.check || !parsed.rest.empty()) &&
             !options.filter.only_shows()) {
    return absl::InvalidArgumentError("no file rights given: try --system");
  }
  return options;
}

}  // namespace sandbox::exec_tool
