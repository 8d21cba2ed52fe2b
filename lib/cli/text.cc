#include "lib/cli/text.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace sandbox::cli {
namespace {

constexpr size_t kColumn = 26;
constexpr size_t kWidth = 80;

// The two that every tool has.
constexpr Option kCommon[] = {
    {.name = "help", .help = "print this and exit"},
    {.name = "version", .help = "print the version and exit"},
};

std::vector<const Option*> All(absl::Span<const Option> table) {
  std::vector<const Option*> all;
  for (const Option& option : table) all.push_back(&option);
  for (const Option& option : kCommon) all.push_back(&option);
  return all;
}

std::string Words(const Option& option) {
  std::string words = option.short_name != 0
                          ? absl::StrCat("-", std::string(1, option.short_name), ", --", option.name)
                          : absl::StrCat("--", option.name);
  if (option.arg != Arg::kNone) absl::StrAppend(&words, " ", option.metavar);
  return words;
}

std::string Explain(const Option& option) {
  return absl::StrCat(option.help, option.repeatable ? " (repeatable)" : "");
}

// `text` in lines that start at kColumn, after `first` on the first.
std::string Wrapped(std::string first, absl::string_view text) {
  std::string out;
  std::string line = std::move(first);
  if (line.size() + 2 > kColumn) {
    absl::StrAppend(&out, line, "\n");
    line.clear();
  }
  line.resize(kColumn, ' ');
  bool empty = true;
  for (absl::string_view word : absl::StrSplit(text, ' ')) {
    if (!empty && line.size() + 1 + word.size() > kWidth) {
      absl::StrAppend(&out, line, "\n");
      line.assign(kColumn, ' ');
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

std::string Quoted(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

}  // namespace

std::string HelpText(const Description& description, absl::Span<const Option> table) {
  std::string out = absl::StrCat("Usage: ", description.tool, " ", description.synopsis, "\n",
                                 description.summary, "\n\n");
  for (const Option* option : All(table)) {
    out += Wrapped(absl::StrCat("  ", Words(*option)), Explain(*option));
  }
  return out;
}

std::string ManOptions(absl::Span<const Option> table) {
  std::string out;
  for (const Option* option : All(table)) {
    absl::StrAppend(&out, ".TP\n");
    absl::StrAppend(&out, ".BR ");
    if (option->short_name != 0) {
      absl::StrAppend(&out, "\\-", std::string(1, option->short_name), " \", \" ");
    }
    absl::StrAppend(&out, Roff(absl::StrCat("--", option->name)));
    if (option->arg != Arg::kNone) absl::StrAppend(&out, " \" \\fI", option->metavar, "\\fR\"");
    std::string text = Explain(*option);
    text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
    absl::StrAppend(&out, "\n", Roff(text), ".\n");
  }
  return out;
}

std::string BashCompletion(absl::string_view tool, absl::Span<const Option> table) {
  std::string words;
  std::string paths;
  std::string choices;
  for (const Option* option : All(table)) {
    absl::StrAppend(&words, words.empty() ? "" : " ", "--", option->name);
    const std::string names =
        option->short_name != 0
            ? absl::StrCat("--", option->name, "|-", std::string(1, option->short_name))
            : absl::StrCat("--", option->name);
    if (option->arg == Arg::kPath) absl::StrAppend(&paths, paths.empty() ? "" : "|", names);
    if (option->arg == Arg::kChoice) {
      absl::StrAppend(&choices, "    ", names, ") COMPREPLY=($(compgen -W ",
                      Quoted(absl::StrReplaceAll(option->choices, {{"|", " "}})),
                      " -- \"$word\")); return ;;\n");
    }
  }
  const std::string function = absl::StrCat("_", absl::StrReplaceAll(tool, {{"-", "_"}}));
  return absl::StrCat(
      function, "() {\n  local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]}\n",
      "  case $last in\n",
      paths.empty() ? "" : absl::StrCat("    ", paths, ") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"),
      choices, "    --) COMPREPLY=($(compgen -c -- \"$word\")); return ;;\n  esac\n",
      "  case $word in\n    -*) COMPREPLY=($(compgen -W ", Quoted(words),
      " -- \"$word\")) ;;\n    *) COMPREPLY=($(compgen -c -- \"$word\")) ;;\n  esac\n}\n",
      "complete -F ", function, " ", tool, "\n");
}

std::string ZshCompletion(absl::string_view tool, absl::Span<const Option> table) {
  std::string out = absl::StrCat("#compdef ", tool, "\n_arguments -S \\\n");
  for (const Option* option : All(table)) {
    const std::string text = absl::StrReplaceAll(
        option->help, {{"[", "\\["}, {"]", "\\]"}, {":", "\\:"}});
    std::string action;
    if (option->arg == Arg::kPath) action = absl::StrCat(":", option->metavar, ":_files");
    if (option->arg == Arg::kFd || option->arg == Arg::kText) {
      action = absl::StrCat(":", option->metavar, ": ");
    }
    if (option->arg == Arg::kChoice) {
      action = absl::StrCat(":", option->metavar, ":(",
                            absl::StrReplaceAll(option->choices, {{"|", " "}}), ")");
    }
    absl::StrAppend(&out, "  ",
                    Quoted(absl::StrCat(option->repeatable ? "*" : "", "--", option->name, "[",
                                        text, "]", action)),
                    " \\\n");
  }
  return absl::StrCat(out, "  '*::command:_normal'\n");
}

}  // namespace sandbox::cli
