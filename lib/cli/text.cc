#include "lib/cli/text.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace sandbox::cli {
namespace {

constexpr size_t kColumn = 26;
constexpr size_t kWidth = 80;

std::string Words(const Option& option) {
  std::string words = option.short_name != 0
                          ? absl::StrCat("-", std::string(1, option.short_name), ", --", option.name)
                          : absl::StrCat("--", option.name);
  if (option.arg != Arg::kNone) absl::StrAppend(&words, " ", ValueName(option));
  return words;
}

std::string Explain(const Option& option) {
  return absl::StrCat(option.help, option.repeatable ? " (repeatable)" : "");
}

// `text` in lines that start at `column`, after `first` on the first.
std::string Wrapped(std::string first, absl::string_view text, size_t column) {
  std::string out;
  std::string line = std::move(first);
  if (!line.empty() && line.size() + 2 > column) {
    absl::StrAppend(&out, line, "\n");
    line.clear();
  }
  line.resize(column, ' ');
  bool empty = true;
  for (absl::string_view word : absl::StrSplit(text, ' ')) {
    if (!empty && line.size() + 1 + word.size() > kWidth) {
      absl::StrAppend(&out, line, "\n");
      line.assign(column, ' ');
      empty = true;
    }
    absl::StrAppend(&line, empty ? "" : " ", word);
    empty = false;
  }
  return absl::StrCat(out, line, "\n");
}

std::string Roff(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\\", "\\e"}, {"-", "\\-"}});
}

std::string Upper(std::string text) {
  text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
  return text;
}

}  // namespace

std::string HelpText(const Interface& interface) {
  std::string out = absl::StrCat("Usage: ", interface.tool, " ", interface.synopsis, "\n",
                                 Wrapped("", interface.summary, 0), "\n");
  for (const Option* option : AllOptions(interface)) {
    out += Wrapped(absl::StrCat("  ", Words(*option)), Explain(*option), kColumn);
  }
  return out;
}

std::string ManOptions(const Interface& interface) {
  std::string out;
  for (const Option* option : AllOptions(interface)) {
    absl::StrAppend(&out, ".TP\n");
    absl::StrAppend(&out, ".BR ");
    if (option->short_name != 0) {
      absl::StrAppend(&out, "\\-", std::string(1, option->short_name), " \", \" ");
    }
    absl::StrAppend(&out, Roff(absl::StrCat("--", option->name)));
    if (option->arg != Arg::kNone) {
      absl::StrAppend(&out, " \" \\fI", Roff(ValueName(*option)), "\\fR\"");
    }
    absl::StrAppend(&out, "\n", Roff(Upper(Explain(*option))), ".\n");
  }
  return out;
}

}  // namespace sandbox::cli
