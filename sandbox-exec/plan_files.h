// From the options about files to grants, masks, and denies that are enforced call by call.

#ifndef SANDBOX_EXEC_PLAN_FILES_H_
#define SANDBOX_EXEC_PLAN_FILES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/policy/denies.h"
#include "lib/realise/plan.h"
#include "lib/view/view.h"
#include "sandbox-exec/options_files.h"

namespace sandbox::exec_tool {

// Fills the plan's view and denies; plan.strict, cwd and layers are set already. `home` is the
// caller's HOME, or empty. Looks paths up, and remembers what they led to.
// InvalidArgument for a wrong pattern and for denies without namespaces, NotFound for a missing
// grant.
absl::Status CompileFiles(const FileOptions& options, const std::string& home,
                          realise::Plan& plan);

// Grants, denies and exceptions, as they decide about a path.
struct FileRules {
  std::vector<view::Place> places;  // deepest last
  policy::Denies denies;            // the grants among them, as allowing rules

  // The innermost grant around `path`; null without one.
  const view::Place* GrantOf(const std::string& path) const;
};
absl::StatusOr<FileRules> RulesOf(const FileOptions& options, const std::string& home,
                                  const std::string& cwd);

// `path` from `cwd`, without symbolic links as far as it exists.
std::string ResolvedPath(const std::string& path, const std::string& cwd);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_PLAN_FILES_H_
