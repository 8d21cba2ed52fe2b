#include "lib/cli/parse.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"

namespace sandbox::cli {
namespace {

constexpr int kMaxFd = 1048576;

absl::Status Bad(absl::string_view text) { return absl::InvalidArgumentError(text); }

// Levenshtein's distance of two short names.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row[b.size()];
}

absl::Status Unknown(absl::Span<const Option> table, absl::string_view word,
                     absl::string_view name) {
  const absl::string_view advice = AdviceForForeign(word);
  if (!advice.empty()) return Bad(absl::StrCat("unknown option ", word, ": ", advice));
  const Option* nearest = nullptr;
  size_t least = 3;
  for (const Option& option : table) {
    if (const size_t distance = Distance(name, option.name); distance < least) {
      least = distance;
      nearest = &option;
    }
  }
  if (nearest != nullptr) {
    return Bad(absl::StrCat("unknown option ", word, ": did you mean --", nearest->name, "?"));
  }
  return Bad(absl::StrCat("unknown option ", word));
}

absl::Status CheckValue(const Option& option, const std::string& value) {
  const std::string name = absl::StrCat("--", option.name);
  switch (option.arg) {
    case Arg::kNone:
    case Arg::kText:
      return absl::OkStatus();
    case Arg::kPath:
      return value.empty() ? Bad(absl::StrCat(name, " needs a path, not an empty word"))
                           : absl::OkStatus();
    case Arg::kFd: {
      int number = -1;
      const bool digits = !value.empty() && value.size() <= 7 &&
                          std::all_of(value.begin(), value.end(), [](char c) {
                            return c >= '0' && c <= '9';
                          });
      return digits && absl::SimpleAtoi(value, &number) && number <= kMaxFd
                 ? absl::OkStatus()
                 : Bad(absl::StrCat(name, " needs the number of a descriptor, not ", value));
    }
    case Arg::kChoice: {
      const std::vector<std::string> choices = absl::StrSplit(option.choices, '|');
      return std::find(choices.begin(), choices.end(), value) != choices.end()
                 ? absl::OkStatus()
                 : Bad(absl::StrCat(name, " takes ", option.choices, ", not ", value));
    }
  }
  return Bad("unknown kind of option");
}

class Parser {
 public:
  Parser(absl::Span<const Option> table, absl::Span<const std::string> args, Source* source)
      : table_(table), args_(args), source_(source) {}

  absl::StatusOr<Parsed> Run() {
    RETURN_IF_ERROR(Options());
    if (next_ < args_.size() && args_[next_] == "--") ++next_;
    parsed_.rest.assign(args_.begin() + static_cast<ptrdiff_t>(next_), args_.end());
    return std::move(parsed_);
  }

 private:
  // Takes options up to "--" or the first word that is none.
  absl::Status Options() {
    while (next_ < args_.size() && !parsed_.help && !parsed_.version) {
      const std::string& word = args_[next_];
      if (word == "--" || word.size() < 2 || (word[0] != '-' && word[0] != '@')) break;
      ++next_;
      RETURN_IF_ERROR(word[0] == '@'                 ? File(word)
                      : absl::StartsWith(word, "--") ? Long(word)
                                                     : Short(word));
    }
    return absl::OkStatus();
  }

  absl::Status File(const std::string& word) {
    if (source_ == nullptr) return NoSource(word);
    absl::StatusOr<std::string> text = source_->ReadFile(word.substr(1));
    if (text.ok() && absl::StrContains(*text, '\0')) text = Bad("has a NUL; write one word a line");
    if (text.ok() && absl::StrContains(*text, "\r\n")) text = Bad("has lines that end in CR LF");
    return TakeFrom(word, text, '\n');
  }

  absl::Status Descriptor(const Given& given) {
    const std::string name = absl::StrCat("--args-fd ", given.value);
    if (source_ == nullptr) return NoSource(name);
    absl::StatusOr<std::string> text = source_->ReadDescriptor(given.fd());
    if (text.ok() && (text->empty() || text->back() != '\0')) {
      text = Bad("does not end in a NUL; end each word with one");
    }
    return TakeFrom(name, text, '\0');
  }

  static absl::Status NoSource(absl::string_view name) {
    return Bad(absl::StrCat(name, ": only the command line may name others"));
  }

  // Takes the options in `text`, of which `end` ends each word. `name` is for errors.
  absl::Status TakeFrom(absl::string_view name, const absl::StatusOr<std::string>& text, char end) {
    if (!text.ok()) return Annotate(text.status(), name);
    std::vector<std::string> words = absl::StrSplit(*text, end);
    if (words.back().empty()) words.pop_back();
    Source* const source = std::exchange(source_, nullptr);
    const absl::Span<const std::string> outer = std::exchange(args_, words);
    const size_t outer_next = std::exchange(next_, 0);
    absl::Status status = Options();
    if (status.ok() && next_ < args_.size() && !parsed_.help && !parsed_.version) {
      status = Bad(absl::StrCat("'", args_[next_], "' is no option; the command goes on the command "
                                "line, and each value in a word of its own"));
    }
    source_ = source;
    args_ = outer;
    next_ = outer_next;
    return Annotate(status, name);
  }

  absl::Status Long(const std::string& word) {
    const size_t equals = word.find('=');
    const absl::string_view name = absl::string_view(word).substr(2, equals - 2);
    if (word == "--help" || word == "--version") {
      (word == "--help" ? parsed_.help : parsed_.version) = true;
      return absl::OkStatus();
    }
    const auto* const found = std::find_if(table_.begin(), table_.end(), [&](const Option& option) {
      return name == option.name;
    });
    const Option* const option = name == kArgsFd.name ? &kArgsFd : found;
    if (option == table_.end()) return Unknown(table_, word.substr(0, equals), name);
    if (equals == std::string::npos) return Take(*option, word);
    if (option->arg == Arg::kNone) return Bad(absl::StrCat("--", option->name, " takes no value"));
    return Add(*option, word.substr(equals + 1));
  }

  absl::Status Short(const std::string& word) {
    for (const Option& option : table_) {
      if (option.short_name == 0 || option.short_name != word[1]) continue;
      if (word.size() == 2) return Take(option, word);
      if (option.arg == Arg::kNone) {
        return Bad(absl::StrCat("-", word.substr(1, 1), " takes no value; give options one by one"));
      }
      if (word[2] == ' ') {  // a line of a file that was meant as two words
        return Bad(absl::StrCat("'", word, "': a value goes in a word of its own, in a file on a line "
                                "of its own"));
      }
      return Add(option, word.substr(2));
    }
    return Unknown(table_, word, word.substr(1));
  }

  absl::Status Take(const Option& option, absl::string_view word) {
    if (option.arg == Arg::kNone) return Add(option, "");
    if (next_ == args_.size()) return Bad(absl::StrCat(word, " needs ", ValueName(option)));
    return Add(option, args_[next_++]);
  }

  absl::Status Add(const Option& option, std::string value) {
    RETURN_IF_ERROR(CheckValue(option, value));
    if (&option == &kArgsFd) return Descriptor({.option = &option, .value = std::move(value)});
    const bool again = std::any_of(parsed_.options.begin(), parsed_.options.end(),
                                   [&](const Given& given) { return given.option == &option; });
    if (again && !option.repeatable) {
      return Bad(absl::StrCat("--", option.name, " is given twice"));
    }
    parsed_.options.push_back({.option = &option, .value = std::move(value)});
    return absl::OkStatus();
  }

  absl::Span<const Option> table_;
  absl::Span<const std::string> args_;
  Source* source_;
  size_t next_ = 0;
  Parsed parsed_;
};

}  // namespace

int Given::fd() const {
  int number = -1;
  return absl::SimpleAtoi(value, &number) ? number : -1;
}

absl::StatusOr<Parsed> Parse(absl::Span<const Option> table, absl::Span<const std::string> args,
                             Source* source) {
  return Parser(table, args, source).Run();
}

}  // namespace sandbox::cli
