#include "lib/cli/text.h"

#include "gtest/gtest.h"
#include "lib/cli/completion.h"

namespace sandbox::cli {
namespace {

constexpr Option kTable[] = {
    {.name = "read", .short_name = 'r', .arg = Arg::kPath, .metavar = "PATH", .repeatable = true,
     .help = "allow to read PATH"},
    {.name = "mode", .arg = Arg::kChoice, .choices = "auto|strict",
     .help = "how to confine, by the strongest means [that there are] of those which work here"},
    {.name = "to", .arg = Arg::kText, .metavar = "HOST:PORT", .help = "where: the target's name"},
};

constexpr Interface kTool = {
    .tool = "sandbox-x", .synopsis = "[--] PROGRAM", .summary = "Run it.", .options = kTable};

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(HelpText, ListsTheTableAndThoseOfEveryTool) {
  EXPECT_EQ(HelpText(kTool),
            "Usage: sandbox-x [--] PROGRAM\n"
            "Run it.\n"
            "\n"
            "  -r, --read PATH         allow to read PATH (repeatable)\n"
            "  --mode auto|strict      how to confine, by the strongest means [that there\n"
            "                          are] of those which work here\n"
            "  --to HOST:PORT          where: the target's name\n"
            "  --args-fd N             take options from descriptor N too, each word ended by\n"
            "                          a NUL; @FILE takes them from a file, one word a line\n"
            "                          (repeatable)\n"
            "  --help                  print this and exit\n"
            "  --version               print the version and exit\n");
}

TEST(ManOptions, IsAListOfTaggedParagraphs) {
  const std::string text = ManOptions(kTool);
  EXPECT_TRUE(Has(text, ".TP\n.BR \\-r \", \" \\-\\-read \" \\fIPATH\\fR\"\nAllow to read"));
  EXPECT_TRUE(Has(text, ".TP\n.BR \\-\\-version\nPrint the version and exit.\n"));
}

TEST(BashCompletion, KnowsWhichOptionsTakeAValue) {
  const std::string text = BashCompletion(kTool);
  EXPECT_TRUE(Has(text, "      --read|-r|--mode|--to|--args-fd) option="));
  EXPECT_TRUE(Has(text, "      --read|-r) mapfile -t COMPREPLY < <(compgen -f"));
  EXPECT_TRUE(Has(text, "      --mode) mapfile -t COMPREPLY < <(compgen -W 'auto strict'"));
  EXPECT_TRUE(Has(text, "complete -o filenames -F _sandbox_x sandbox-x\n"));
}

TEST(ZshCompletion, QuotesWhatTheShellReads) {
  const std::string text = ZshCompletion(kTool);
  EXPECT_TRUE(Has(text, "#compdef sandbox-x\n"));
  EXPECT_TRUE(Has(text, "  '*'{-r+,--read=}'[allow to read PATH]:PATH:_files' \\\n"));
  EXPECT_TRUE(Has(text, "\\[that there are\\] of those which work here]:mode:(auto strict)' \\\n"));
  EXPECT_TRUE(Has(text, "  --to='[where\\: the target'\\''s name]:HOST\\:PORT: ' \\\n"));
  EXPECT_TRUE(Has(text, "  --help'[print this and exit]' \\\n"));
}

}  // namespace
}  // namespace sandbox::cli
