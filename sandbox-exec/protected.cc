#include "sandbox-exec/protected.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace sandbox::exec_tool {
namespace {

// As the agents' own sandboxes have it.
constexpr absl::string_view kProtected[] = {
    ".gitconfig",   ".gitmodules",   ".bashrc",     ".bash_profile", ".bash_login",
    ".bash_logout", ".zshrc",        ".zprofile",   ".zshenv",       ".zlogin",
    ".profile",     ".ripgreprc",    ".mcp.json",   ".envrc",        ".npmrc",
    ".git/hooks",   ".git/config",   ".vscode",     ".idea",         ".claude/settings.json",
    ".claude/settings.local.json",   ".claude/commands",             ".claude/agents",
    ".claude/hooks"};

// A directory's name as a pattern that means it alone.
std::string Escaped(const std::string& path) {
  std::string escaped;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped == "/" ? "" : escaped;
}

}  // namespace

std::vector<std::string> ProtectedPatterns(const std::string& work, const std::string& home) {
  std::vector<std::string> patterns;
  for (const absl::string_view name : kProtected) {
    patterns.push_back(absl::StrCat(Escaped(work), "/**/", name));
    if (!home.empty()) patterns.push_back(absl::StrCat(Escaped(home), "/", name));
  }
  return patterns;
}

}  // namespace sandbox::exec_tool
