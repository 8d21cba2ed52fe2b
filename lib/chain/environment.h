// The environment as a value: read once, edited, given to execve.

#ifndef LIB_CHAIN_ENVIRONMENT_H_
#define LIB_CHAIN_ENVIRONMENT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace sandbox::chain {

// An ordered list of "NAME=VALUE". Entries without '=' and duplicates are kept as they came.
class Environment {
 public:
  Environment() = default;
  // Copies a null-terminated list such as environ.
  static Environment From(const char* const* entries);

  // The value of the first `name`, or null. Valid until the next change.
  const char* Get(absl::string_view name) const;
  // Removes every `name`.
  void Unset(absl::string_view name);
  // Replaces every `name` by one entry at the end.
  void Set(absl::string_view name, absl::string_view value);

  const std::vector<std::string>& entries() const { return entries_; }

 private:
  std::vector<std::string> entries_;
};

// Null-terminated pointers to `strings` for execve; valid as long as they are not changed.
std::vector<char*> PointersTo(const std::vector<std::string>& strings);

}  // namespace sandbox::chain

#endif  // LIB_CHAIN_ENVIRONMENT_H_
