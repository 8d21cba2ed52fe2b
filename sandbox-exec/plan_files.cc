#include "sandbox-exec/plan_files.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "sandbox-exec/protected.h"

namespace sandbox::exec_tool {
namespace {

using policy::Effect;
using policy::Pattern;

std::string Absolute(const std::string& path, const std::string& cwd) {
  return absl::StartsWith(path, "/") ? path : absl::StrCat(cwd, "/", path);
}

bool IsBeneath(absl::string_view path, absl::string_view top) {
  return top == "/" || path == top ||
         (absl::StartsWith(path, top) && path.size() > top.size() && path[top.size()] == '/');
}

// `path` without symbolic links, as far as it exists; what does not is kept as it is.
std::string Resolved(const std::string& path) {
  char text[PATH_MAX];
  std::string head = path;
  std::string rest;
  while (true) {
    if (realpath(head.empty() ? "/" : head.c_str(), text) != nullptr) {
      return absl::StrCat(absl::string_view(text) == "/" && !rest.empty() ? "" : text, rest);
    }
    const size_t slash = head.rfind('/');
    if (head.empty() || slash == std::string::npos) return path;
    rest = head.substr(slash) + rest;
    head.resize(slash);
  }
}

// A pattern with the part before its first glob resolved: what is enforced are resolved paths.
absl::StatusOr<Pattern> ParseResolved(const std::string& text, const std::string& cwd) {
  const std::string absolute = Absolute(text, cwd);
  ASSIGN_OR_RETURN(const Pattern given, Pattern::Parse(absolute));
  if (given.is_literal()) {
    std::string escaped;
    for (const char c : Resolved(given.literal())) {
      if (absl::StrContains("*?[\\", absl::string_view(&c, 1))) escaped += '\\';
      escaped += c;
    }
    return Pattern::Parse(escaped);
  }
  const size_t glob = absolute.find_first_of("*?[\\");
  const size_t slash = absolute.rfind('/', glob);
  return Pattern::Parse(
      absl::StrCat(slash == 0 ? "" : Resolved(absolute.substr(0, slash)), absolute.substr(slash)));
}

absl::Status AddGrants(const FileOptions& options, const std::string& cwd,
                       std::vector<view::Grant>* grants) {
  if (options.system) *grants = view::SystemGrants();
  for (view::Grant grant : options.grants) {
    grant.path = Absolute(grant.path, cwd);
    const auto identity = view::IdentityOf(grant.path);
    if (!identity.ok()) {
      if (options.ignore_missing && GetErrno(identity.status()) == ENOENT) continue;
      return Annotate(identity.status(), absl::StrCat("cannot grant ", grant.path));
    }
    grant.identity = *identity;
    grants->push_back(std::move(grant));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<policy::Rule>> DenyRules(const FileOptions& options,
                                                    const std::string& home,
                                                    const std::string& cwd) {
  std::vector<policy::Rule> rules;
  for (const GivenDeny& given : options.denies) {
    auto pattern = ParseResolved(given.pattern, cwd);
    if (!pattern.ok()) return Annotate(pattern.status(), "cannot deny");
    rules.push_back({.pattern = *std::move(pattern), .effect = given.effect});
  }
  if (!options.protect) return rules;
  for (const std::string& text : ProtectedPatterns(Resolved(cwd), home)) {
    ASSIGN_OR_RETURN(Pattern pattern, Pattern::Parse(text));
    rules.push_back({.pattern = std::move(pattern), .effect = Effect::kDenyWrite});
  }
  return rules;
}

// A grant is an allowing rule, too: one that is deeper than a deny is an exception to it.
absl::StatusOr<std::vector<policy::Rule>> GrantRules(const std::vector<view::Grant>& grants) {
  std::vector<policy::Rule> rules;
  ASSIGN_OR_RETURN(const std::vector<view::Place> places, view::Resolve(grants));
  for (const view::Place& place : places) {
    ASSIGN_OR_RETURN(Pattern pattern, ParseResolved(place.path, ""));
    rules.push_back({.pattern = std::move(pattern), .effect = Effect::kAllow});
  }
  return rules;
}

const view::Place* InnermostAround(const std::string& path,
                                   const std::vector<view::Place>& places) {
  const view::Place* found = nullptr;
  for (const view::Place& place : places) {  // deepest last
    if (IsBeneath(path, place.path)) found = &place;
  }
  return found;
}

// Takes the rules apart: what exists and is named literally becomes mounts, the rest is enforced
// call by call. Where anything is, all of it is, and directories are held by that.
class Compiler {
 public:
  Compiler(realise::Plan& plan, std::vector<policy::Rule> denies, std::vector<view::Place> places)
      : plan_(plan), denies_(std::move(denies)), places_(std::move(places)) {}

  absl::Status Run(std::vector<policy::Rule> grant_rules) {
    bool by_call = false;
    for (const policy::Rule& rule : denies_) {
      if (rule.effect == Effect::kAllow) {
        RETURN_IF_ERROR(AddException(rule));
      } else if (!rule.pattern.is_literal() || !view::IdentityOf(rule.pattern.literal()).ok()) {
        by_call |= CouldConcernAGrant(rule);
      } else {
        RETURN_IF_ERROR(AddMask(rule));
      }
    }
    for (view::Mask& mask : plan_.view.masks) mask.has_exceptions = HasExceptions(mask.path);
    if (!by_call) return absl::OkStatus();
    plan_.view.pins.clear();
    std::vector<policy::Rule> all = std::move(denies_);
    for (policy::Rule& rule : grant_rules) all.push_back(std::move(rule));
    plan_.denies = policy::Denies(std::move(all));
    return absl::OkStatus();
  }

 private:
  const view::Place* GrantAround(const std::string& path) const {
    return InnermostAround(path, places_);
  }

  // What can come to be only where something can be written; what can be read is everywhere.
  bool CouldConcernAGrant(const policy::Rule& rule) const {
    const policy::Denies alone({rule});
    return std::any_of(places_.begin(), places_.end(), [&](const view::Place& place) {
      const bool matters = place.grant.write || rule.effect == Effect::kDeny;
      return matters && alone.ConcernsBeneath(place.path);
    });
  }

  absl::Status AddException(const policy::Rule& rule) {
    if (!rule.pattern.is_literal()) return absl::OkStatus();
    const std::string path = rule.pattern.literal();
    if (!view::IdentityOf(path).ok() || GrantAround(path) == nullptr) return absl::OkStatus();
    plan_.view.exceptions.push_back(path);
    return absl::OkStatus();
  }

  absl::Status AddMask(const policy::Rule& rule) {
    const std::string path = rule.pattern.literal();
    const view::Place* grant = GrantAround(path);
    if (grant == nullptr) return absl::OkStatus();  // it cannot be seen
    if (path == "/") return absl::InvalidArgumentError("cannot deny /: grant less instead");
    ASSIGN_OR_RETURN(const view::Identity identity, view::IdentityOf(path));
    plan_.view.masks.push_back({.path = path,
                                .readable = rule.effect == Effect::kDenyWrite,
                                .has_exceptions = false,
                                .identity = identity});
    if (!grant->grant.write) return absl::OkStatus();
    for (std::string above = path.substr(0, path.rfind('/'));
         above.size() > grant->path.size() && IsBeneath(above, grant->path);
         above.resize(above.rfind('/'))) {
      auto& pins = plan_.view.pins;
      if (std::find(pins.begin(), pins.end(), above) == pins.end()) pins.push_back(above);
    }
    return absl::OkStatus();
  }

  bool HasExceptions(const std::string& path) const {
    const auto inside = [&](const std::string& other) {
      return other != path && IsBeneath(other, path);
    };
    return std::any_of(plan_.view.exceptions.begin(), plan_.view.exceptions.end(), inside) ||
           std::any_of(places_.begin(), places_.end(),
                       [&](const view::Place& place) { return inside(place.path); });
  }

  realise::Plan& plan_;
  std::vector<policy::Rule> denies_;
  std::vector<view::Place> places_;
};

}  // namespace

absl::Status CompileFiles(const FileOptions& options, const std::string& home,
                          realise::Plan& plan) {
  plan.view.system = options.system;
  plan.view.layered = !plan.layers.empty();
  if (options.system && absl::StartsWith(home, "/")) plan.view.home = home;
  RETURN_IF_ERROR(AddGrants(options, plan.cwd, &plan.view.grants));
  ASSIGN_OR_RETURN(std::vector<policy::Rule> denies, DenyRules(options, home, plan.cwd));
  if (denies.empty()) return absl::OkStatus();
  if (!plan.strict) {
    return absl::InvalidArgumentError(
        "cannot deny within a grant without namespaces: --deny, --deny-write, --allow-inside and "
        "--protect need --mode=strict; grant less instead");
  }
  ASSIGN_OR_RETURN(std::vector<policy::Rule> grant_rules, GrantRules(plan.view.grants));
  ASSIGN_OR_RETURN(std::vector<view::Place> places, view::Resolve(plan.view.grants));
  return Compiler(plan, std::move(denies), std::move(places)).Run(std::move(grant_rules));
}

const view::Place* FileRules::GrantOf(const std::string& path) const {
  return InnermostAround(path, places);
}

absl::StatusOr<FileRules> RulesOf(const FileOptions& options, const std::string& home,
                                  const std::string& cwd) {
  std::vector<view::Grant> grants;
  RETURN_IF_ERROR(AddGrants(options, cwd, &grants));
  ASSIGN_OR_RETURN(std::vector<policy::Rule> rules, DenyRules(options, home, cwd));
  ASSIGN_OR_RETURN(std::vector<policy::Rule> grant_rules, GrantRules(grants));
  for (policy::Rule& rule : grant_rules) rules.push_back(std::move(rule));
  FileRules all{.places = {}, .denies = policy::Denies(std::move(rules))};
  ASSIGN_OR_RETURN(all.places, view::Resolve(grants));
  return all;
}

std::string ResolvedPath(const std::string& path, const std::string& cwd) {
  return Resolved(Absolute(path, cwd));
}

}  // namespace sandbox::exec_tool
