// Which paths are denied within what is granted, and what may not be done because of it.

#ifndef LIB_POLICY_DENIES_H_
#define LIB_POLICY_DENIES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/policy/pattern.h"

namespace sandbox::policy {

enum class Effect {
  kAllow,      // an exception, or a grant: what a deny above it refuses is as granted again
  kDenyWrite,  // no change of content, names or metadata
  kDeny,       // no use at all
};

struct Rule {
  Pattern pattern;
  Effect effect;
};

enum class Use { kRead, kWrite };

// The rule with most components of the path decides; on a tie the one that denies. Paths are
// absolute and resolved: no symbolic link and no ".." in them. Pure; says nothing of what exists.
class Denies {
 public:
  Denies() = default;
  explicit Denies(std::vector<Rule> rules) : rules_(std::move(rules)) {}

  bool empty() const { return rules_.empty(); }
  const std::vector<Rule>& rules() const { return rules_; }

  // Whether `use` of `path` is denied.
  bool IsDenied(absl::string_view path, Use use) const;

  // The rule that decides about `use` of `path`; null when none has a say.
  const Rule* Deciding(absl::string_view path, Use use) const;

  // Whether a directory may be called `to` instead of `from`: everything that can be beneath it
  // must mean the same to every rule in both places. Compares states, looks at no tree.
  bool SameBeneath(absl::string_view from, absl::string_view to) const;

  // Whether a deny matches the directory `path` or could match something beneath it.
  bool ConcernsBeneath(absl::string_view path) const;

  // Whether a deny matches, or could match beneath, only because of how `path` itself is called: a
  // symbolic link of that name would lead a denied path elsewhere.
  bool IsOnTheWay(absl::string_view path) const;

 private:
  std::vector<Rule> rules_;
};

}  // namespace sandbox::policy

#endif  // LIB_POLICY_DENIES_H_
