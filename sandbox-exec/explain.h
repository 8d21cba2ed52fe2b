// Which rule decides about a path.

#ifndef SANDBOX_EXEC_EXPLAIN_H_
#define SANDBOX_EXEC_EXPLAIN_H_

#include <string>

#include "absl/status/statusor.h"
#include "sandbox-exec/options_files.h"

namespace sandbox::exec_tool {

// Two lines, for reading and writing `path`: allowed or denied, and by which grant or deny. Relative
// paths, here and in the options, start at `cwd`; symbolic links are followed as far as they exist.
absl::StatusOr<std::string> Explain(const FileOptions& options, const std::string& home,
                                    const std::string& cwd, const std::string& path);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_EXPLAIN_H_
