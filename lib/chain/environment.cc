#include "lib/chain/environment.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace sandbox::chain {
namespace {

bool IsNamed(absl::string_view entry, absl::string_view name) {
  return entry.size() > name.size() && absl::StartsWith(entry, name) && entry[name.size()] == '=';
}

}  // namespace

Environment Environment::From(const char* const* entries) {
  Environment environment;
  for (; *entries != nullptr; ++entries) environment.entries_.emplace_back(*entries);
  return environment;
}

const char* Environment::Get(absl::string_view name) const {
  for (const std::string& entry : entries_) {
    if (IsNamed(entry, name)) return entry.c_str() + name.size() + 1;
  }
  return nullptr;
}

void Environment::Unset(absl::string_view name) {
  std::erase_if(entries_, [name](const std::string& entry) { return IsNamed(entry, name); });
}

void Environment::Set(absl::string_view name, absl::string_view value) {
  Unset(name);
  entries_.push_back(absl::StrCat(name, "=", value));
}

std::vector<char*> PointersTo(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& s : strings) pointers.push_back(const_cast<char*>(s.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace sandbox::chain
