#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "lib/policy/denies.h"
#include "lib/policy/pattern.h"

namespace sandbox::policy {
namespace {

struct ComponentCase {
  const char* glob;
  const char* name;
  bool matches;
};

TEST(MatchesComponent, DecidesByTheWholeName) {
  const ComponentCase kCases[] = {
      {"a", "a", true},         {"a", "ab", false},        {"a", "", false},
      {"*", "", true},          {"*", ".hidden", true},    {"*.pem", "key.pem", true},
      {"*.pem", ".pem", true},  {"*.pem", "pem", false},   {"a*b*c", "axxbyyc", true},
      {"a*b*c", "acb", false},  {"?", "x", true},          {"?", "", false},
      {"[a-c]x", "bx", true},   {"[a-c]x", "dx", false},   {"[!a-c]x", "dx", true},
      {"[]]", "]", true},       {"[a-]", "-", true},       {"\\*", "*", true},
      {"\\*", "x", false},      {"[a\\]", "\\", true},     {"*?", "", false},
      {"*a", "bababa", true},   {"\xff*", "\xff\xfe", true},
  };
  for (const ComponentCase& c : kCases) {
    EXPECT_EQ(MatchesComponent(c.glob, c.name), c.matches) << c.glob << " " << c.name;
  }
}

TEST(MatchesComponent, TakesBoundedTime) {
  const std::string name(255, 'a');
  std::string glob;
  for (int i = 0; i < 100; ++i) glob += "*a";
  EXPECT_FALSE(MatchesComponent(glob + "b", name));
}

TEST(Pattern, RefusesWhatItCannotMean) {
  for (const char* text : {"", "a", "./a", "/a/../b", "/a/[b", "/a/b**"}) {
    EXPECT_FALSE(Pattern::Parse(text).ok()) << text;
  }
  std::string deep;
  for (int i = 0; i < 61; ++i) deep += "/a";
  EXPECT_FALSE(Pattern::Parse(deep).ok());
}

TEST(Pattern, KnowsALiteral) {
  const auto literal = Pattern::Parse("/a//b\\*/./c/**");
  ASSERT_TRUE(literal.ok());
  EXPECT_TRUE(literal->is_literal());
  EXPECT_EQ(literal->literal(), "/a/b*/c");
  EXPECT_FALSE(Pattern::Parse("/a/*")->is_literal());
  EXPECT_FALSE(Pattern::Parse("/**/a")->is_literal());
}

Denies Make(std::vector<std::pair<const char*, Effect>> rules) {
  std::vector<Rule> made;
  for (const auto& [text, effect] : rules) made.push_back({Pattern::Parse(text).value(), effect});
  return Denies(std::move(made));
}

TEST(Denies, NameWhatTheyMatchAndAllBeneath) {
  const Denies denies = Make({{"/w/**/.git/hooks", Effect::kDenyWrite}});
  EXPECT_TRUE(denies.IsDenied("/w/.git/hooks", Use::kWrite));
  EXPECT_TRUE(denies.IsDenied("/w/a/b/.git/hooks/x/y", Use::kWrite));
  EXPECT_FALSE(denies.IsDenied("/w/.git/hooks/x", Use::kRead));
  EXPECT_FALSE(denies.IsDenied("/w/.git/hooksx", Use::kWrite));
  EXPECT_FALSE(denies.IsDenied("/w/.git", Use::kWrite));
  EXPECT_FALSE(denies.IsDenied("/v/.git/hooks", Use::kWrite));
}

TEST(Denies, MostComponentsDecideAndOnATieTheDeny) {
  const Denies denies = Make({{"/w", Effect::kAllow},
                              {"/w/a", Effect::kDeny},
                              {"/w/a/b", Effect::kAllow},
                              {"/w/a/b", Effect::kDenyWrite},
                              {"/w/a/b/c", Effect::kAllow}});
  EXPECT_FALSE(denies.IsDenied("/w/x", Use::kWrite));
  EXPECT_TRUE(denies.IsDenied("/w/a/x", Use::kRead));
  EXPECT_FALSE(denies.IsDenied("/w/a/b/x", Use::kRead));
  EXPECT_TRUE(denies.IsDenied("/w/a/b/x", Use::kWrite));
  EXPECT_FALSE(denies.IsDenied("/w/a/b/c/x", Use::kWrite));
}

TEST(Denies, OfTheRootCount) {
  const Denies denies = Make({{"/", Effect::kDenyWrite}, {"/tmp", Effect::kAllow}});
  EXPECT_TRUE(denies.IsDenied("/x", Use::kWrite));
  EXPECT_TRUE(denies.IsDenied("/", Use::kWrite));
  EXPECT_FALSE(denies.IsDenied("/tmp/x", Use::kWrite));
}

TEST(Denies, LetNoDirectoryMoveOutOfOrIntoTheirReach) {
  const Denies denies = Make({{"/w/**/.git/hooks", Effect::kDenyWrite}});
  EXPECT_FALSE(denies.SameBeneath("/w/.git", "/w/.g"));
  EXPECT_FALSE(denies.SameBeneath("/w/g", "/w/.git"));
  EXPECT_FALSE(denies.SameBeneath("/w/a", "/v/a"));
  EXPECT_TRUE(denies.SameBeneath("/w/a", "/w/b"));
  EXPECT_TRUE(denies.SameBeneath("/w/a/b", "/w/c"));
  EXPECT_TRUE(denies.SameBeneath("/w/.git", "/w/sub/.git"));
  const Denies literal = Make({{"/w/a/b", Effect::kDeny}});
  EXPECT_FALSE(literal.SameBeneath("/w/a", "/w/x"));
  EXPECT_TRUE(literal.SameBeneath("/w/x", "/w/y"));
}

TEST(Denies, KnowWhichNamesLeadToThem) {
  const Denies denies = Make({{"/w/**/.git/hooks", Effect::kDenyWrite}});
  EXPECT_TRUE(denies.IsOnTheWay("/w/.git"));
  EXPECT_TRUE(denies.IsOnTheWay("/w/a/.git"));
  EXPECT_FALSE(denies.IsOnTheWay("/w/a"));
  const Denies literal = Make({{"/w/a/b", Effect::kDeny}, {"/w/c/d", Effect::kAllow}});
  EXPECT_TRUE(literal.IsOnTheWay("/w/a"));
  EXPECT_FALSE(literal.IsOnTheWay("/w/x"));
  EXPECT_FALSE(literal.IsOnTheWay("/w/c"));
}

// The slow reference: a pattern by trying every way to spread ** out.
bool Reference(const std::vector<absl::string_view>& pattern,
               const std::vector<absl::string_view>& path, size_t p, size_t n) {
  if (p == pattern.size()) return true;  // and all beneath
  if (pattern[p] == "**") {
    for (size_t rest = n; rest <= path.size(); ++rest) {
      if (Reference(pattern, path, p + 1, rest)) return true;
    }
    return false;
  }
  return n < path.size() && MatchesComponent(pattern[p], path[n]) &&
         Reference(pattern, path, p + 1, n + 1);
}

TEST(Denies, AgreeWithASlowReferenceOnManyPaths) {
  const char* kWords[] = {"a", "b", "ab", "*", "a*", "**", "?", "[ab]"};
  uint32_t seed = 1;
  const auto next = [&seed](uint32_t most) {
    seed = seed * 1664525 + 1013904223;
    return (seed >> 16) % most;
  };
  for (int round = 0; round < 20000; ++round) {
    std::string pattern = "/a";
    for (uint32_t i = next(5); i > 0; --i) pattern += std::string("/") + kWords[next(8)];
    std::string path = "/a";
    for (uint32_t i = next(6); i > 0; --i) path += std::string("/") + kWords[next(3)];
    const auto parsed = Pattern::Parse(pattern);
    ASSERT_TRUE(parsed.ok());
    const Denies denies({{*parsed, Effect::kDeny}});
    std::vector<absl::string_view> words = ComponentsOf(pattern);
    while (words.back() == "**") words.pop_back();
    EXPECT_EQ(denies.IsDenied(path, Use::kRead), Reference(words, ComponentsOf(path), 0, 0))
        << pattern << " " << path;
  }
}

}  // namespace
}  // namespace sandbox::policy
