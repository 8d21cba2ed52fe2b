#include "lib/cli/parse.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace sandbox::cli {
namespace {

constexpr Option kTable[] = {
    {.name = "read", .short_name = 'r', .arg = Arg::kPath, .metavar = "PATH", .repeatable = true,
     .help = "read"},
    {.name = "system", .help = "system"},
    {.name = "mode", .arg = Arg::kChoice, .choices = "auto|strict", .help = "mode"},
    {.name = "status-fd", .arg = Arg::kFd, .metavar = "N", .help = "fd"},
};

using Words = std::vector<std::string>;

Parsed Good(const Words& words) {
  auto parsed = Parse(kTable, words);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? *parsed : Parsed();
}

std::string Error(const Words& words) {
  const auto parsed = Parse(kTable, words);
  EXPECT_FALSE(parsed.ok());
  return std::string(parsed.status().message());
}

TEST(Parse, StopsAtTheFirstWordThatIsNoOption) {
  const Parsed parsed = Good({"--system", "cmd", "--read", "x", "--"});
  EXPECT_EQ(parsed.options.size(), 1u);
  EXPECT_EQ(parsed.rest, (Words{"cmd", "--read", "x", "--"}));
}

TEST(Parse, StopsAfterTwoDashes) {
  EXPECT_EQ(Good({"--", "--system"}).rest, (Words{"--system"}));
  EXPECT_EQ(Good({"--system", "--", "--", "x"}).rest, (Words{"--", "x"}));
  EXPECT_EQ(Good({"-"}).rest, (Words{"-"}));
}

TEST(Parse, TakesValuesInEveryForm) {
  for (const Words& words : {Words{"-r", "a"}, Words{"-ra"}, Words{"--read", "a"},
                             Words{"--read=a"}}) {
    const Parsed parsed = Good(words);
    ASSERT_EQ(parsed.options.size(), 1u);
    EXPECT_TRUE(parsed.options[0].Is("read"));
    EXPECT_EQ(parsed.options[0].value, "a");
  }
  EXPECT_EQ(Good({"--status-fd", "17"}).options[0].fd(), 17);
}

TEST(Parse, AValueMayLookLikeAnOption) {
  EXPECT_EQ(Good({"-r", "--system"}).options[0].value, "--system");
}

TEST(Parse, RefusesWhatIsMalformed) {
  EXPECT_EQ(Error({"-r"}), "-r needs PATH");
  EXPECT_EQ(Error({"--mode"}), "--mode needs auto|strict");
  EXPECT_EQ(Error({"--read="}), "--read needs a path, not an empty word");
  EXPECT_EQ(Error({"--system=x"}), "--system takes no value");
  EXPECT_EQ(Error({"--system", "--system"}), "--system is given twice");
  EXPECT_EQ(Error({"--mode", "lax"}), "--mode takes auto|strict, not lax");
  for (const char* bad : {"", "-1", "3x", "99999999", "+3", " 3"}) {
    EXPECT_NE(Error({"--status-fd", bad}).find("needs the number"), std::string::npos) << bad;
  }
}

TEST(Parse, NamesOursForUnknownOptions) {
  EXPECT_EQ(Error({"--sytem"}), "unknown option --sytem: did you mean --system?");
  EXPECT_EQ(Error({"--ro-bind"}), "unknown option --ro-bind: write -r PATH (read and execute)");
  EXPECT_EQ(Error({"--sys"}), "unknown option --sys");  // no abbreviations
}

class Fake : public Source {
 public:
  absl::StatusOr<std::string> ReadFile(const std::string& path) override {
    if (path == "gone") return absl::NotFoundError("open: No such file or directory");
    return path;  // the text is the name
  }
  absl::StatusOr<std::string> ReadDescriptor(int fd) override {
    if (fd == 7) return std::string("-r\0a\nb\0--system\0", 16);
    return fd == 8 ? "" : "--system";
  }
};

Parsed GoodWith(const Words& words) {
  Fake source;
  auto parsed = Parse(kTable, words, &source);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? *parsed : Parsed();
}

std::string ErrorWith(const Words& words) {
  Fake source;
  const auto parsed = Parse(kTable, words, &source);
  EXPECT_FALSE(parsed.ok());
  return std::string(parsed.status().message());
}

TEST(Parse, TakesOptionsFromAFileInItsPlace) {
  const Parsed parsed = GoodWith({"-ra", "@-r\nb c\n--mode=auto\n", "-r", "@d", "cmd", "@e"});
  ASSERT_EQ(parsed.options.size(), 4u);
  EXPECT_EQ(parsed.options[1].value, "b c");
  EXPECT_EQ(parsed.options[2].value, "auto");
  EXPECT_EQ(parsed.options[3].value, "@d") << "a value is no source";
  EXPECT_EQ(parsed.rest, (Words{"cmd", "@e"}));
  EXPECT_EQ(GoodWith({"--", "@--system"}).rest, (Words{"@--system"}));
}

TEST(Parse, TakesOptionsFromADescriptorInItsPlace) {
  for (const Words& words : {Words{"--args-fd", "7", "cmd"}, Words{"--args-fd=7", "cmd"}}) {
    const Parsed parsed = GoodWith(words);
    ASSERT_EQ(parsed.options.size(), 2u);
    EXPECT_EQ(parsed.options[0].value, "a\nb");
    EXPECT_TRUE(parsed.options[1].Is("system"));
    EXPECT_EQ(parsed.rest, (Words{"cmd"}));
  }
}

TEST(Parse, RefusesASourceThatIsMoreThanOptions) {
  EXPECT_EQ(ErrorWith({"@gone"}), "@gone: open: No such file or directory");
  EXPECT_EQ(ErrorWith({"@-r"}), "@-r: -r needs PATH") << "a value does not come from behind it";
  for (const char* text : {"cmd", "--", "-r a", "--system\n\n-ra", "@--system", "--args-fd\n7"}) {
    EXPECT_NE(ErrorWith({absl::StrCat("@", text), "cmd"}), "") << text;
  }
  EXPECT_EQ(ErrorWith({"--system", "@--system"}), "@--system: --system is given twice");
  EXPECT_EQ(ErrorWith({"--args-fd"}), "--args-fd needs N");
  EXPECT_EQ(ErrorWith({"--args-fd", "x"}), "--args-fd needs the number of a descriptor, not x");
  EXPECT_NE(Error({"@x"}), "");
  EXPECT_NE(Error({"--args-fd", "7"}), "");
}

TEST(Parse, RefusesASourceThatLooksCutOrMangled) {
  for (const char* fd : {"8", "9"}) {
    EXPECT_EQ(ErrorWith({"--args-fd", fd, "cmd"}),
              absl::StrCat("--args-fd ", fd, ": does not end in a NUL; end each word with one"));
  }
  EXPECT_NE(ErrorWith({std::string("@-ra\0b", 6), "cmd"}).find("has a NUL"), std::string::npos);
  EXPECT_NE(ErrorWith({"@--system\r\n-ra\r\n", "cmd"}).find("CR LF"), std::string::npos);
  EXPECT_TRUE(GoodWith({"@--system", "cmd"}).options[0].Is("system")) << "a file may be edited by hand";
}

TEST(Parse, HelpEndsTheParsing) { EXPECT_TRUE(Good({"--help", "--nonsense"}).help); }

}  // namespace
}  // namespace sandbox::cli
