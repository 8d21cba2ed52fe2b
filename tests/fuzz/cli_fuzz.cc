// The parser of command lines. Words are cut at NUL, as the kernel has them.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lib/base/check.h"
#include "lib/cli/option.h"
#include "lib/cli/parse.h"
#include "tests/fuzz/fuzz.h"

namespace sandbox::fuzz {
namespace {

using cli::Arg;
using Words = std::vector<std::string>;

constexpr cli::Option kTable[] = {
    {.name = "read", .short_name = 'r', .arg = Arg::kPath, .metavar = "PATH", .repeatable = true,
     .help = "read"},
    {.name = "system", .short_name = 's', .help = "system"},
    {.name = "text", .arg = Arg::kText, .metavar = "TEXT", .repeatable = true, .help = "text"},
    {.name = "mode", .arg = Arg::kChoice, .metavar = "MODE", .choices = "auto|strict",
     .help = "mode"},
    {.name = "status-fd", .arg = Arg::kFd, .metavar = "N", .help = "fd"},
};

void CheckValue(const cli::Given& given) {
  switch (given.option->arg) {
    case Arg::kNone:
      CHECK(given.value.empty());
      return;
    case Arg::kPath:
      CHECK(!given.value.empty());
      return;
    case Arg::kFd:
      CHECK(given.fd() >= 0 && given.fd() <= 1048576);
      CHECK(given.value.find_first_not_of("0123456789") == std::string::npos);
      return;
    case Arg::kChoice:
      CHECK(given.value == "auto" || given.value == "strict");
      return;
    case Arg::kText:
      return;
  }
}

// The same command line in one form.
Words Written(const cli::Parsed& parsed) {
  Words words;
  for (const cli::Given& given : parsed.options) {
    const std::string name = absl::StrCat("--", given.option->name);
    words.push_back(given.option->arg == Arg::kNone ? name : absl::StrCat(name, "=", given.value));
  }
  words.push_back("--");
  words.insert(words.end(), parsed.rest.begin(), parsed.rest.end());
  return words;
}

bool AreEqual(const cli::Parsed& a, const cli::Parsed& b) {
  if (a.options.size() != b.options.size() || a.rest != b.rest) return false;
  for (size_t i = 0; i < a.options.size(); ++i) {
    if (a.options[i].option != b.options[i].option) return false;
    if (a.options[i].value != b.options[i].value) return false;
  }
  return true;
}

}  // namespace

bool RunOne(absl::string_view input) {
  const Words words = absl::StrSplit(input, '\0');
  const auto parsed = cli::Parse(kTable, words);
  if (!parsed.ok()) {
    CHECK(!parsed.status().message().empty());
    return false;
  }
  // What follows the options is the user's, word for word.
  CHECK(parsed->rest.size() <= words.size());
  CHECK(Words(words.end() - static_cast<ptrdiff_t>(parsed->rest.size()), words.end()) ==
        parsed->rest);
  for (const cli::Given& given : parsed->options) CheckValue(given);
  if (parsed->help || parsed->version) return true;
  const auto again = cli::Parse(kTable, Written(*parsed));
  CHECK(again.ok() && AreEqual(*parsed, *again));
  return true;
}

std::vector<std::string> Seeds() {
  const auto joined = [](const Words& words) {
    return absl::StrJoin(words, absl::string_view("\0", 1));
  };
  return {joined({"--system", "-r", "a", "-rb", "--read=c", "--", "cmd", "--read"}),
          joined({"--mode", "strict", "--status-fd", "17", "cmd"}),
          joined({"-s", "--text=", "--text", "--system", "-"}),
          joined({"--help", "--nonsense"}), joined({"--version"})};
}

}  // namespace sandbox::fuzz
