#include "sandbox-exec/explain.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "sandbox-exec/plan_files.h"

namespace sandbox::exec_tool {
namespace {

std::string Line(const FileRules& rules, const std::string& path, policy::Use use) {
  const bool writes = use == policy::Use::kWrite;
  const char* what = writes ? "write" : "read";
  const view::Place* grant = rules.GrantOf(path);
  if (grant == nullptr) {
    return absl::StrCat(path, ": ", what, ": denied, no grant covers it; ", writes ? "-w " : "-r ",
                        path, " would allow it\n");
  }
  const policy::Rule* rule = rules.denies.Deciding(path, use);
  if (rule != nullptr && rule->effect != policy::Effect::kAllow) {
    return absl::StrCat(path, ": ", what, ": denied by ",
                        rule->effect == policy::Effect::kDeny ? "--deny " : "--deny-write ",
                        rule->pattern.text(), "\n");
  }
  if (writes && !grant->grant.write) {
    return absl::StrCat(path, ": write: denied, ", grant->path, " is granted to read; -w ", path,
                        " would allow it\n");
  }
  return absl::StrCat(path, ": ", what, ": allowed by the grant of ", grant->path, "\n");
}

}  // namespace

absl::StatusOr<std::string> Explain(const FileOptions& options, const std::string& home,
                                    const std::string& cwd, const std::string& path) {
  ASSIGN_OR_RETURN(const FileRules rules, RulesOf(options, home, cwd));
  const std::string resolved = ResolvedPath(path, cwd);
  return absl::StrCat(Line(rules, resolved, policy::Use::kRead),
                      Line(rules, resolved, policy::Use::kWrite));
}

}  // namespace sandbox::exec_tool
