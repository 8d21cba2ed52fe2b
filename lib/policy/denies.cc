#include "lib/policy/denies.h"

#include <algorithm>

namespace sandbox::policy {
namespace {

// How one rule stands towards one path.
struct Standing {
  Pattern::State state;
  size_t depth = 0;     // components of the longest match; 0: none
  bool leads = false;   // see Pattern::Step
};

Standing Follow(const Pattern& pattern, const std::vector<absl::string_view>& path) {
  Standing standing{.state = pattern.Start()};
  for (size_t i = 0; i < path.size(); ++i) {
    const Pattern::Step step = pattern.Next(standing.state, path[i]);
    standing.state = step.state;
    standing.leads = step.leads;
    if (step.matches) standing.depth = i + 1;
  }
  return standing;
}

bool Concerns(Effect effect, Use use) { return use == Use::kWrite || effect != Effect::kDenyWrite; }

}  // namespace

const Rule* Denies::Deciding(absl::string_view path, Use use) const {
  const std::vector<absl::string_view> components = ComponentsOf(path);
  const Rule* best = nullptr;
  size_t best_depth = 0;
  for (const Rule& rule : rules_) {
    if (!Concerns(rule.effect, use)) continue;
    const size_t depth = Follow(rule.pattern, components).depth;
    if (depth == 0 && !rule.pattern.is_literal()) continue;
    if (depth == 0 && rule.pattern.literal() != "/") continue;
    if (best == nullptr || depth > best_depth ||
        (depth == best_depth && best->effect == Effect::kAllow)) {
      best = &rule;
      best_depth = depth;
    }
  }
  return best;
}

bool Denies::IsDenied(absl::string_view path, Use use) const {
  const Rule* rule = Deciding(path, use);
  return rule != nullptr && rule->effect != Effect::kAllow;
}

bool Denies::SameBeneath(absl::string_view from, absl::string_view to) const {
  for (const Use use : {Use::kRead, Use::kWrite}) {
    if (IsDenied(from, use) != IsDenied(to, use)) return false;
  }
  const std::vector<absl::string_view> a = ComponentsOf(from);
  const std::vector<absl::string_view> b = ComponentsOf(to);
  return std::all_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    return Follow(rule.pattern, a).state == Follow(rule.pattern, b).state;
  });
}

bool Denies::ConcernsBeneath(absl::string_view path) const {
  const std::vector<absl::string_view> components = ComponentsOf(path);
  return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    if (rule.effect == Effect::kAllow) return false;
    const Standing standing = Follow(rule.pattern, components);
    return standing.state != 0 || standing.depth > 0;
  });
}

bool Denies::IsOnTheWay(absl::string_view path) const {
  const std::vector<absl::string_view> components = ComponentsOf(path);
  return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    return rule.effect != Effect::kAllow && Follow(rule.pattern, components).leads;
  });
}

}  // namespace sandbox::policy
