// The writer of JSON strings: one line of valid JSON, from which the bytes can be had back.

#include <cstdint>
#include <optional>
#include <utility>

#include "lib/base/check.h"
#include "lib/event/json.h"
#include "tests/fuzz/fuzz.h"

namespace sandbox::fuzz {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// What a JSON reader makes of `literal`, with Python's surrogateescape for lone surrogates; nothing
// when it is no JSON string.
std::optional<std::string> Read(absl::string_view literal) {
  if (literal.size() < 2 || literal.front() != '"' || literal.back() != '"') return std::nullopt;
  literal = literal.substr(1, literal.size() - 2);
  std::string bytes;
  for (size_t i = 0; i < literal.size(); ++i) {
    const auto byte = static_cast<uint8_t>(literal[i]);
    if (byte < 0x20 || byte == '"') return std::nullopt;
    if (byte != '\\') {
      bytes.push_back(literal[i]);
      continue;
    }
    if (++i == literal.size()) return std::nullopt;
    if (literal[i] == '"' || literal[i] == '\\') {
      bytes.push_back(literal[i]);
      continue;
    }
    if (literal[i] != 'u' || literal.size() - i < 5) return std::nullopt;
    int code = 0;
    for (size_t digit = 1; digit <= 4; ++digit) {
      const int value = HexDigit(literal[i + digit]);
      if (value < 0) return std::nullopt;
      code = code << 4 | value;
    }
    i += 4;
    const bool escaped = code >= 0xdc80 && code <= 0xdcff;
    if (code >= 0x80 && !escaped) return std::nullopt;
    bytes.push_back(static_cast<char>(escaped ? code - 0xdc00 : code));
  }
  return bytes;
}

// By the table of RFC 3629, in another way than the writer.
bool IsUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<uint8_t>(text[i]);
    const size_t more = first < 0x80 ? 0 : first >> 5 == 6 ? 1 : first >> 4 == 14 ? 2
                        : first >> 3 == 30 ? 3 : 4;
    if (more == 4 || i + more >= text.size()) return false;
    uint32_t code = more == 0 ? first : first & (0x3fu >> more);
    for (size_t j = 1; j <= more; ++j) {
      const auto byte = static_cast<uint8_t>(text[i + j]);
      if (byte >> 6 != 2) return false;
      code = code << 6 | (byte & 0x3fu);
    }
    constexpr uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
    if (code < kLeast[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
    i += more + 1;
  }
  return true;
}

}  // namespace

bool RunOne(absl::string_view input) {
  const std::string literal = event::JsonString(input);
  CHECK(IsUtf8(literal));
  const auto bytes = Read(literal);
  CHECK(bytes.has_value() && *bytes == input);
  const std::string line = std::move(event::JsonRecord().Add(input, input)).Line();
  CHECK(line == "{" + literal + ":" + literal + "}\n");
  // No text is refused; what is accepted as it is, is UTF-8.
  const bool kept = literal.find("\\udc") == std::string::npos;
  CHECK(!kept || IsUtf8(input));
  return kept;
}

std::vector<std::string> Seeds() {
  return {"", "plain", "a\"b\\c\n\t\x7f", std::string("\0\x1f", 2),
          "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
          "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"};
}

}  // namespace sandbox::fuzz
