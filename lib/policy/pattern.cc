#include "lib/policy/pattern.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"

namespace sandbox::policy {
namespace {

constexpr size_t kMostComponents = 60;
constexpr absl::string_view kAnyDepth = "**";

// Where the class that opens at `at` ends: the index of its "]", or npos. "]" may come first in it.
size_t EndOfClass(absl::string_view glob, size_t at) {
  size_t i = at + 1;
  if (i < glob.size() && (glob[i] == '!' || glob[i] == '^')) ++i;
  return glob.find(']', i + 1);
}

bool IsInClass(absl::string_view body, char c) {
  const bool negated = !body.empty() && (body[0] == '!' || body[0] == '^');
  if (negated) body.remove_prefix(1);
  bool found = false;
  for (size_t i = 0; i < body.size(); ++i) {
    const auto low = static_cast<unsigned char>(body[i]);
    auto high = low;
    if (i + 2 < body.size() && body[i + 1] == '-') {
      high = static_cast<unsigned char>(body[i + 2]);
      i += 2;
    }
    const auto byte = static_cast<unsigned char>(c);
    found |= low <= byte && byte <= high;
  }
  return found != negated;
}

// Whether the one element of `glob` at *at takes `c`; moves *at behind the element.
bool TakesOne(absl::string_view glob, size_t* at, char c) {
  switch (glob[*at]) {
    case '?':
      ++*at;
      return true;
    case '[': {
      const size_t end = EndOfClass(glob, *at);
      if (end == absl::string_view::npos) break;  // Parse() refuses it; here it is a plain [
      const absl::string_view body = glob.substr(*at + 1, end - *at - 1);
      *at = end + 1;
      return IsInClass(body, c);
    }
    case '\\':
      if (*at + 1 < glob.size()) ++*at;
      break;
    default:
      break;
  }
  return glob[(*at)++] == c;
}

absl::Status CheckComponent(absl::string_view text, absl::string_view component) {
  if (component == "..") {
    return absl::InvalidArgumentError(absl::StrCat(text, " leads through .."));
  }
  if (component != kAnyDepth && absl::StrContains(component, kAnyDepth)) {
    return absl::InvalidArgumentError(
        absl::StrCat(text, " has ** within a name: it stands for whole directories, as in a/**/b"));
  }
  for (size_t i = 0; i < component.size(); ++i) {
    if (component[i] == '\\') {
      ++i;
    } else if (component[i] == '[') {
      i = EndOfClass(component, i);
      if (i == absl::string_view::npos) {
        return absl::InvalidArgumentError(absl::StrCat(text, " has a [ without its ]"));
      }
    }
  }
  return absl::OkStatus();
}

bool IsLiteral(absl::string_view component) {
  for (size_t i = 0; i < component.size(); ++i) {
    if (component[i] == '\\') {
      ++i;
    } else if (absl::StrContains("*?[", component.substr(i, 1))) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::vector<absl::string_view> ComponentsOf(absl::string_view path) {
  std::vector<absl::string_view> components = absl::StrSplit(path, '/', absl::SkipEmpty());
  std::erase(components, ".");
  return components;
}

bool MatchesComponent(absl::string_view glob, absl::string_view name) {
  // On a mismatch the last * takes one more byte: earlier ones never need to.
  size_t g = 0;
  size_t n = 0;
  size_t star = absl::string_view::npos;
  size_t star_took = 0;
  while (n < name.size() || g < glob.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      star_took = n;
      continue;
    }
    if (g < glob.size() && n < name.size() && TakesOne(glob, &g, name[n])) {
      ++n;
      continue;
    }
    if (star == absl::string_view::npos || star_took >= name.size()) return false;
    g = star + 1;
    n = ++star_took;
  }
  return true;
}

absl::StatusOr<Pattern> Pattern::Parse(absl::string_view text) {
  if (!absl::StartsWith(text, "/")) {
    return absl::InvalidArgumentError(absl::StrCat(text, " is not absolute"));
  }
  Pattern pattern;
  pattern.text_ = std::string(text);
  for (const absl::string_view component : ComponentsOf(text)) {
    RETURN_IF_ERROR(CheckComponent(text, component));
    // Two in a row say what one says.
    if (component == kAnyDepth && !pattern.components_.empty() &&
        pattern.components_.back() == kAnyDepth) {
      continue;
    }
    pattern.components_.emplace_back(component);
  }
  while (!pattern.components_.empty() && pattern.components_.back() == kAnyDepth) {
    pattern.components_.pop_back();
  }
  if (pattern.components_.size() > kMostComponents) {
    return absl::InvalidArgumentError(
        absl::StrCat(text, " has more than ", kMostComponents, " components"));
  }
  return pattern;
}

bool Pattern::is_literal() const {
  for (const std::string& component : components_) {
    if (!IsLiteral(component)) return false;
  }
  return true;
}

std::string Pattern::literal() const {
  std::string path;
  for (const std::string& component : components_) {
    path += '/';
    for (size_t i = 0; i < component.size(); ++i) {
      if (component[i] == '\\' && i + 1 < component.size()) ++i;
      path += component[i];
    }
  }
  return path.empty() ? "/" : path;
}

Pattern::State Pattern::Closure(State state) const {
  for (size_t i = 0; i < components_.size(); ++i) {
    if ((state & State{1} << i) != 0 && components_[i] == kAnyDepth) state |= State{1} << (i + 1);
  }
  return state;
}

Pattern::State Pattern::Start() const { return Closure(1); }

Pattern::Step Pattern::Next(State state, absl::string_view name) const {
  Step step;
  for (size_t i = 0; i < components_.size(); ++i) {
    if ((state & State{1} << i) == 0) continue;
    if (components_[i] == kAnyDepth) {
      step.state |= State{1} << i;
    } else if (MatchesComponent(components_[i], name)) {
      step.state |= State{1} << (i + 1);
      step.matches |= i + 1 == components_.size();
      step.leads |= i + 1 < components_.size();
    }
  }
  // What is matched already is left out: a match counts once, where it is completed.
  step.state = Closure(step.state) & ~(State{1} << components_.size());
  return step;
}

}  // namespace sandbox::policy
