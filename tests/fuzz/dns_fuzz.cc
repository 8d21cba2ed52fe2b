// The resolver's one answer: it never says more than the allowed names' synthetic addresses, and
// never to another name than the one that was asked for.

#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "lib/base/check.h"
#include "lib/net/address.h"
#include "lib/net/dns.h"
#include "lib/net/names.h"
#include "tests/fuzz/fuzz.h"

namespace sandbox::fuzz {
namespace {

constexpr size_t kHeader = 12;
constexpr const char* kAllowed[] = {"origin.test", "a", "x-1.example.org"};

net::Names AllowedNames() {
  net::Names names;
  for (const char* name : kAllowed) CHECK(names.Allot(name).ok());
  return names;
}

int U16(absl::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]) << 8 | static_cast<uint8_t>(bytes[at + 1]);
}

// The first question's name, and where its end is.
struct Name {
  std::vector<std::string> labels;  // in lower case
  size_t end;
};

std::optional<Name> ReadName(absl::string_view message) {
  Name name = {.labels = {}, .end = kHeader};
  while (name.end < message.size()) {
    const size_t size = static_cast<uint8_t>(message[name.end++]);
    if (size == 0) return name;
    if (size > 63 || name.end + size > message.size()) return std::nullopt;
    name.labels.push_back(absl::AsciiStrToLower(message.substr(name.end, size)));
    name.end += size;
  }
  return std::nullopt;
}

// The allowed name with these labels; a dot inside a label is none between two.
const char* FindAllowed(const std::vector<std::string>& labels) {
  for (const char* name : kAllowed) {
    const std::vector<std::string> parts = absl::StrSplit(name, '.');
    if (parts == labels) return name;
  }
  return nullptr;
}

// One record with the name of the question: type, class, lifetime, an address of ours.
void CheckRecord(absl::string_view record, const net::Names::Pair& pair) {
  const bool v4 = U16(record, 2) == 1;
  CHECK(U16(record, 0) == 0xc00c && (v4 || U16(record, 2) == 28) && U16(record, 4) == 1);
  const net::Address& address = v4 ? pair.v4 : pair.v6;
  const size_t size = v4 ? 4 : 16;
  CHECK(static_cast<size_t>(U16(record, 10)) == size && record.size() == 12 + size);
  CHECK(record.substr(12) ==
        absl::string_view(reinterpret_cast<const char*>(address.bytes.data()), size));
}

void CheckAnswers(absl::string_view answer, size_t at, int count, const net::Names::Pair& pair) {
  for (int i = 0; i < count; ++i) {
    CHECK(at + 12 <= answer.size());
    const size_t size = 12 + static_cast<size_t>(U16(answer, at + 10));
    CHECK(at + size <= answer.size());
    CheckRecord(answer.substr(at, size), pair);
    at += size;
  }
  CHECK(at == answer.size());
}

}  // namespace

bool RunOne(absl::string_view input) {
  const net::Names names = AllowedNames();
  const std::string answer = net::AnswerQuery(input, names);
  if (answer.empty()) return false;
  CHECK(answer.size() >= kHeader && input.size() >= kHeader);
  CHECK(answer.size() <= input.size() + 16 + 28);                      // no amplifier
  CHECK(answer.substr(0, 2) == input.substr(0, 2));                    // the same id
  CHECK((answer[2] & 0x80) != 0 && (input[2] & 0x80) == 0);            // answers only questions
  const int questions = U16(answer, 4);
  const int answers = U16(answer, 6);
  const int code = answer[3] & 0xf;
  CHECK(questions <= 1 && answers <= 2 && U16(answer, 8) == 0 && U16(answer, 10) == 0);
  if (questions == 0) {
    CHECK(answers == 0 && code != 0 && answer.size() == kHeader);
    return false;
  }
  const auto name = ReadName(input);
  CHECK(name.has_value());
  const size_t end = name->end + 4;
  CHECK(answer.substr(kHeader, end - kHeader) == input.substr(kHeader, end - kHeader));
  const char* allowed = FindAllowed(name->labels);
  CHECK((code == 0) == (allowed != nullptr));
  if (code != 0) {
    CHECK(code == 3 && answers == 0 && answer.size() == end);
    return false;
  }
  const auto pair = names.Find(allowed);
  CHECK(pair.has_value());
  CheckAnswers(answer, end, answers, *pair);
  return true;
}

std::vector<std::string> Seeds() {
  const auto query = [](const std::string& labels, int type) {
    return std::string("\x12\x34\1\0\0\1\0\0\0\0\0\0", kHeader) + labels +
           std::string({'\0', '\0', static_cast<char>(type), '\0', '\1'});
  };
  return {query("\6origin\4test", 1), query("\1A", 28), query("\3x-1\7example\3org", 255),
          query("\6oRiGiN\4TEST", 16)};
}

}  // namespace sandbox::fuzz
