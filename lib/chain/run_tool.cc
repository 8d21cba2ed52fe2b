#include "lib/chain/run_tool.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/chain/option_files.h"
#include "lib/chain/version.h"
#include "lib/cli/text.h"

namespace sandbox::chain {

int RunTool(const cli::Interface& interface, int argc, const char* const argv[],
            const char* const environment[], Work* work) {
  const diag::Diag diag(interface.tool);
  Stage stage = Stage::Start(interface.tool, environment);
  const std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  OptionFiles source;
  const auto parsed = cli::Parse(interface.options, args, &source);
  if (!parsed.ok()) return diag.Usage(parsed.status());
  if (parsed->help) return diag.Print(cli::HelpText(interface));
  if (parsed->version) return diag.Print(absl::StrCat(interface.tool, " ", kVersion, "\n"));
  return work(*parsed, stage, diag);
}

}  // namespace sandbox::chain
