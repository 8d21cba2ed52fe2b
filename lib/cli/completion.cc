#include "lib/cli/completion.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace sandbox::cli {
namespace {

std::string Quoted(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

std::string Spaced(absl::string_view choices) {
  return absl::StrReplaceAll(choices, {{"|", " "}});
}

// "--read|-r": a pattern of the shell.
std::string Names(const Option& option) {
  return option.short_name == 0
             ? absl::StrCat("--", option.name)
             : absl::StrCat("--", option.name, "|-", std::string(1, option.short_name));
}

// The part of a function of bash that completes the value of `$option`.
std::string BashValues(const Interface& interface) {
  std::string paths;
  std::string choices;
  for (const Option& option : interface.options) {
    if (option.arg == Arg::kPath) absl::StrAppend(&paths, paths.empty() ? "" : "|", Names(option));
    if (option.arg == Arg::kChoice) {
      absl::StrAppend(&choices, "      ", Names(option), ") mapfile -t COMPREPLY < <(compgen -W ",
                      Quoted(Spaced(option.choices)), " -- \"$word\") ;;\n");
    }
  }
  if (paths.empty()) return choices;
  return absl::StrCat("      ", paths, ") mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n",
                      choices);
}

// One specification for zsh's _arguments.
std::string ZshSpecification(const Option& option) {
  const auto escaped = [](absl::string_view text) {
    return absl::StrReplaceAll(text, {{"[", "\\["}, {"]", "\\]"}, {":", "\\:"}});
  };
  std::string value;
  if (option.arg != Arg::kNone) {
    const char* const name = option.arg == Arg::kChoice ? option.name : option.metavar;
    value = absl::StrCat(":", escaped(name), ":");
    if (option.arg == Arg::kPath) absl::StrAppend(&value, "_files");
    if (option.arg == Arg::kChoice) absl::StrAppend(&value, "(", Spaced(option.choices), ")");
    if (option.arg == Arg::kFd || option.arg == Arg::kText) absl::StrAppend(&value, " ");
  }
  const std::string name = absl::StrCat("--", option.name, value.empty() ? "" : "=");
  const std::string rest = Quoted(absl::StrCat("[", escaped(option.help), "]", value));
  if (option.short_name == 0) {
    return absl::StrCat(option.repeatable ? "'*'" : "", name, rest);
  }
  const std::string letter = absl::StrCat("-", std::string(1, option.short_name));
  const std::string prefix =
      option.repeatable ? "*" : absl::StrCat("(", letter, " --", option.name, ")");
  return absl::StrCat("'", prefix, "'{", letter, value.empty() ? "" : "+", ",", name, "}", rest);
}

}  // namespace

std::string BashCompletion(const Interface& interface) {
  std::string words;
  std::string with_value;
  for (const Option* option : AllOptions(interface)) {
    absl::StrAppend(&words, words.empty() ? "" : " ", "--", option->name);
    if (option->arg == Arg::kNone) continue;
    absl::StrAppend(&with_value, with_value.empty() ? "" : "|", Names(*option));
  }
  // The words up to the cursor are read as the tool reads them; bash splits --name=value in three.
  constexpr absl::string_view kScript = R"(# Completion of $TOOL, made from its option table.
$FUNCTION() {
  local word=${COMP_WORDS[COMP_CWORD]} option='' ended='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --) ended=1; ((i++)); break ;;
      $WITH_VALUE) option=${COMP_WORDS[i++]}; [[ ${COMP_WORDS[i]} != = ]] || ((i++)) ;;
      -?*) ;;
      *) break ;;
    esac
  done
  if ((i > COMP_CWORD)); then
    [[ $word != = ]] || word=
    case $option in
$VALUES    esac
  elif [[ -z $ended && $word == -* ]] && ((i == COMP_CWORD)); then
    mapfile -t COMPREPLY < <(compgen -W '$WORDS' -- "$word")
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$i"
  elif ((i == COMP_CWORD)); then
    mapfile -t COMPREPLY < <(compgen -c -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}
complete -o filenames -F $FUNCTION $TOOL
)";
  const std::string function =
      absl::StrCat("_", absl::StrReplaceAll(interface.tool, {{"-", "_"}}));
  return absl::StrReplaceAll(kScript, {{"$TOOL", interface.tool},
                                       {"$FUNCTION", function},
                                       {"$WITH_VALUE", with_value},
                                       {"$VALUES", BashValues(interface)},
                                       {"$WORDS", words}});
}

std::string ZshCompletion(const Interface& interface) {
  std::string out = absl::StrCat("#compdef ", interface.tool,
                                 "\n# Made from the tool's option table.\n",
                                 "_arguments -S -A '-*' \\\n");
  for (const Option* option : AllOptions(interface)) {
    absl::StrAppend(&out, "  ", ZshSpecification(*option), " \\\n");
  }
  return absl::StrCat(out, "  '(-)1:command: _command_names -e' \\\n  '*::arguments: _normal'\n");
}

}  // namespace sandbox::cli
