// From the options about files to grants, masks, and denies that are enforced call by call.

#ifndef SANDBOX_EXEC_PLAN_FILES_H_
#define SANDBOX_EXEC_PLAN_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "lib/realise/plan.h"
#include "sandbox-exec/options_files.h"

namespace sandbox::exec_tool {

// Fills the plan's view and denies; plan.strict, cwd and layers are set already. `home` is the
// caller's HOME, or empty. Looks paths up, and remembers what they led to.
// InvalidArgument for a wrong pattern and for denies without namespaces, NotFound for a missing
// grant.
absl::Status CompileFiles(const FileOptions& options, const std::string& home,
                          realise::Plan& plan);

// The rules that decide about a path: the grants, the denies and their exceptions. For --explain.
absl::StatusOr<policy::Denies> AllRules(const FileOptions& options, const std::string& home,
                                        const std::string& cwd);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_PLAN_FILES_H_
