// describe FORM TOOL   Prints what TOOL says of itself. FORM is help, man (the OPTIONS section of
// its manual), bash or zsh (a completion script).

#include <cstdio>
#include <cstring>

#include "lib/cli/completion.h"
#include "lib/cli/option.h"
#include "lib/cli/text.h"
#include "sandbox-cow/options.h"
#include "sandbox-exec/options.h"
#include "sandbox-netbridge/options.h"
#include "sandbox-trace/options.h"

namespace sandbox {
namespace {

struct Form {
  const char* name;
  std::string (*text)(const cli::Interface&);
};

constexpr Form kForms[] = {{"help", cli::HelpText},
                           {"man", cli::ManOptions},
                           {"bash", cli::BashCompletion},
                           {"zsh", cli::ZshCompletion}};

int Describe(const char* form_name, const char* tool) {
  const cli::Interface tools[] = {cow_tool::Interface(), exec_tool::Interface(),
                                  netbridge_tool::Interface(), trace_tool::Interface()};
  for (const Form& form : kForms) {
    if (strcmp(form.name, form_name) != 0) continue;
    for (const cli::Interface& interface : tools) {
      if (strcmp(interface.tool, tool) != 0) continue;
      return fputs(form.text(interface).c_str(), stdout) < 0 || fflush(stdout) != 0;
    }
  }
  fputs("usage: describe help|man|bash|zsh TOOL\n", stderr);
  return 125;
}

}  // namespace
}  // namespace sandbox

int main(int argc, char* argv[]) {
  return sandbox::Describe(argc == 3 ? argv[1] : "", argc == 3 ? argv[2] : "");
}
