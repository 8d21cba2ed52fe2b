#include "lib/event/json.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace sandbox::event {
namespace {

// The size of the valid UTF-8 sequence at the start of `text`; 0 when there is none.
size_t SequenceSize(absl::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  size_t size = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) size = 2;
  if (first >= 0xe0 && first <= 0xef) size = 3;
  if (first >= 0xf0 && first <= 0xf4) size = 4;
  if (size == 0 || text.size() < size) return 0;
  if (first == 0xe0) low = 0xa0;   // overlong
  if (first == 0xed) high = 0x9f;  // surrogates
  if (first == 0xf0) low = 0x90;   // overlong
  if (first == 0xf4) high = 0x8f;  // beyond U+10FFFF
  for (size_t i = 1; i < size; ++i) {
    if (byte(i) < low || byte(i) > high) return 0;
    low = 0x80;
    high = 0xbf;
  }
  return size;
}

}  // namespace

std::string JsonString(absl::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text[0]);
    const size_t size = SequenceSize(text);
    if (size == 0) {
      absl::StrAppendFormat(&out, "\\udc%02x", byte);
    } else if (byte == '"' || byte == '\\') {
      absl::StrAppend(&out, "\\", text.substr(0, 1));
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppendFormat(&out, "\\u%04x", byte);
    } else {
      absl::StrAppend(&out, text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out + "\"";
}

void JsonRecord::Name(absl::string_view name) {
  absl::StrAppend(&fields_, fields_.empty() ? "" : ",", JsonString(name), ":");
}

JsonRecord& JsonRecord::Add(absl::string_view name, absl::string_view value) {
  Name(name);
  fields_ += JsonString(value);
  return *this;
}

JsonRecord& JsonRecord::Add(absl::string_view name, int64_t value) {
  Name(name);
  absl::StrAppend(&fields_, value);
  return *this;
}

JsonRecord& JsonRecord::Add(absl::string_view name, bool value) {
  Name(name);
  fields_ += value ? "true" : "false";
  return *this;
}

JsonRecord& JsonRecord::Add(absl::string_view name, const std::vector<std::string>& values) {
  Name(name);
  fields_ += "[";
  for (size_t i = 0; i < values.size(); ++i) {
    absl::StrAppend(&fields_, i == 0 ? "" : ",", JsonString(values[i]));
  }
  fields_ += "]";
  return *this;
}

JsonRecord& JsonRecord::Add(absl::string_view name, const JsonRecord& value) {
  Name(name);
  absl::StrAppend(&fields_, "{", value.fields_, "}");
  return *this;
}

std::string JsonRecord::Line() && {
  std::string line = absl::StrCat("{", fields_, "}\n");
  fields_.clear();
  return line;
}

}  // namespace sandbox::event
