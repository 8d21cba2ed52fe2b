// JSON Lines: the form of everything that we write for programs to read.

#ifndef LIB_EVENT_JSON_H_
#define LIB_EVENT_JSON_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace sandbox::event {

// One object, built field by field in order. A string may hold any bytes: those that are no valid
// UTF-8 become lone surrogates U+DC80 to U+DCFF, as Python's surrogateescape does, so that the bytes
// can be had back.
class JsonRecord {
 public:
  JsonRecord& Add(absl::string_view name, absl::string_view value);
  JsonRecord& Add(absl::string_view name, const char* value) {
    return Add(name, absl::string_view(value));
  }
  JsonRecord& Add(absl::string_view name, int64_t value);
  JsonRecord& Add(absl::string_view name, int value) {
    return Add(name, static_cast<int64_t>(value));
  }
  JsonRecord& Add(absl::string_view name, bool value);
  JsonRecord& Add(absl::string_view name, const std::vector<std::string>& values);
  JsonRecord& Add(absl::string_view name, const JsonRecord& value);

  // The object and a newline; the record is empty after that.
  std::string Line() &&;

 private:
  void Name(absl::string_view name);

  std::string fields_;
};

// `text` as a JSON string with its quotes.
std::string JsonString(absl::string_view text);

}  // namespace sandbox::event

#endif  // LIB_EVENT_JSON_H_
