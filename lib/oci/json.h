// JSON of users, read with care: the file is small, shallow and without a key twice, and whoever
// reads says of every value where it is and what it must be.

#ifndef LIB_OCI_JSON_H_
#define LIB_OCI_JSON_H_

#include <cstdint>
#include <rapidjson/document.h>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace sandbox::oci {

// A value within a document that outlives it.
class JsonValue {
 public:
  // `path` is how messages call it.
  JsonValue(const rapidjson::Value* value, std::string path)
      : value_(value), path_(std::move(path)) {}

  // As an object without other keys than `keys`.
  absl::Status CheckObject(absl::Span<const char* const> keys) const;
  // Whether the object has `key`, with a value that is not null.
  bool Has(const char* key) const;
  // Of an object that has `key`.
  JsonValue Get(const char* key) const;

  absl::StatusOr<std::string> String() const;
  absl::StatusOr<uint64_t> Number() const;  // from 0 to 2^64 - 1
  absl::StatusOr<std::vector<JsonValue>> Array() const;
  absl::StatusOr<std::vector<std::string>> Strings() const;

  // InvalidArgument: where it is, and what is wrong.
  absl::Status Wrong(absl::string_view what) const;

 private:
  const rapidjson::Value* value_;
  std::string path_;
};

// Reads `text` into `document`. InvalidArgument with line and column for what is no JSON, is larger
// than 1 MiB, deeper than 32 or has a key twice.
absl::StatusOr<JsonValue> ParseJson(absl::string_view text, rapidjson::Document* document);

}  // namespace sandbox::oci

#endif  // LIB_OCI_JSON_H_
