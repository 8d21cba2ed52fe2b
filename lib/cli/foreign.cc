// Options that users of other sandboxes type by habit, and what they would write here.

#include "lib/cli/parse.h"

namespace sandbox::cli {
namespace {

struct Foreign {
  absl::string_view name;
  absl::string_view advice;
};

constexpr Foreign kForeign[] = {
    {"--ro-bind", "write -r PATH (read and execute)"},
    {"--bind", "write -w PATH (read, write and execute)"},
    {"--dev-bind", "write -w PATH"},
    {"--tmpfs", "a private /tmp comes with --system"},
    {"--proc", "an own /proc comes with --system"},
    {"--dev", "a private /dev comes with --system"},
    {"--unshare-all", "every namespace is unshared already"},
    {"--unshare-net", "there is no network unless sandbox-netbridge gives it"},
    {"--die-with-parent", "this is always so"},
    {"--volume", "write -w PATH, or -r PATH to read only"},
    {"-v", "write -w PATH, or -r PATH to read only"},
    {"--mount", "write -w PATH, or -r PATH to read only"},
    {"--rox", "write -r PATH"},
    {"--rwx", "write -w PATH"},
    {"--ldd", "--system covers the libraries"},
    {"--add-exec", "write -r PATH; --system covers the system's programs"},
    {"--network", "put sandbox-netbridge --allow HOST:PORT -- before"},
    {"--best-effort", "nothing weakens silently here; --mode=landlock asks for less"},
    {"--unrestricted-network", "put sandbox-netbridge --allow HOST:PORT -- before"},
    {"--read-only", "nothing may be written unless -w PATH says so"},
    {"--rm", "nothing is ever left behind"},
    {"--fs-isolation", "put sandbox-cow --workdir DIR -- before"},
};

}  // namespace

absl::string_view AdviceForForeign(absl::string_view name) {
  for (const Foreign& foreign : kForeign) {
    if (foreign.name == name) return foreign.advice;
  }
  return "";
}

}  // namespace sandbox::cli
