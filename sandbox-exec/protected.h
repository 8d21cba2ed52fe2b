// What --protect protects.

#ifndef SANDBOX_EXEC_PROTECTED_H_
#define SANDBOX_EXEC_PROTECTED_H_

#include <string>
#include <vector>

namespace sandbox::exec_tool {

// Patterns of files that run code later or steer tools: in `work` at any depth, and in `home`
// itself where that is not empty. Both are resolved directories.
std::vector<std::string> ProtectedPatterns(const std::string& work, const std::string& home);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_PROTECTED_H_
