// Path patterns: what --deny and its kin take, as a small automaton over path components.

#ifndef LIB_POLICY_PATTERN_H_
#define LIB_POLICY_PATTERN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace sandbox::policy {

// The components of an absolute path, without empty ones and ".". ".." is kept: a caller that has
// one has not resolved its path.
std::vector<absl::string_view> ComponentsOf(absl::string_view path);

// An absolute path in which a component may hold * ? [a-z] [!a-z] and \ before any of them, and
// ** stands for any number of components. A pattern names what it matches and all beneath it, so a
// trailing /** says nothing more. Names are bytes; a leading dot is nothing special.
class Pattern {
 public:
  // InvalidArgument: not absolute, "..", an unclosed [, ** within a component, more than 60
  // components.
  static absl::StatusOr<Pattern> Parse(absl::string_view text);

  // Whether it names one path only: no *, ?, [ in it. Then literal() is that path, unescaped.
  bool is_literal() const;
  std::string literal() const;
  const std::string& text() const { return text_; }

  // How much of the pattern a path has used up: bit i says that the first i components are. Two
  // directories with the same state are the same to the pattern, whatever is beneath them.
  using State = uint64_t;
  State Start() const;
  struct Step {
    State state = 0;
    bool matches = false;  // the name completes a match: it is what the pattern names
    bool leads = false;    // a component other than ** took it, and more is to come
  };
  Step Next(State state, absl::string_view name) const;

 private:
  State Closure(State state) const;

  std::string text_;
  std::vector<std::string> components_;
};

// Whether `name` is what `glob` describes (one component). Time is bounded by the product of sizes.
bool MatchesComponent(absl::string_view glob, absl::string_view name);

}  // namespace sandbox::policy

#endif  // LIB_POLICY_PATTERN_H_
