#include "lib/oci/json.h"

#include <rapidjson/error/en.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace sandbox::oci {
namespace {

constexpr size_t kMostBytes = 1 << 20;
constexpr int kMostDepth = 32;

absl::Status At(absl::string_view text, size_t offset, absl::string_view what) {
  const absl::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t start = before.rfind('\n');
  const size_t column = offset - (start == absl::string_view::npos ? 0 : start + 1) + 1;
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ", column ", column, ": ", what));
}

// Before anything is built of it.
absl::Status CheckDepth(absl::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '{' || c == '[')) {
      if (++depth > kMostDepth) return At(text, i, "nested too deeply");
    } else if (!in_string && (c == '}' || c == ']')) {
      --depth;
    }
  }
  return absl::OkStatus();
}

absl::string_view View(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

}  // namespace

absl::Status JsonValue::Wrong(absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(path_, path_.empty() ? "" : ": ", what));
}

absl::Status JsonValue::CheckObject(absl::Span<const char* const> keys) const {
  if (!value_->IsObject()) return Wrong("an object is expected");
  std::set<absl::string_view> seen;
  for (const auto& member : value_->GetObject()) {
    const absl::string_view name = View(member.name);
    if (std::find(keys.begin(), keys.end(), name) == keys.end()) {
      return Wrong(absl::StrCat("unknown key \"", name, "\""));
    }
    if (!seen.insert(name).second) return Wrong(absl::StrCat("\"", name, "\" is there twice"));
  }
  return absl::OkStatus();
}

bool JsonValue::Has(const char* key) const {
  const auto member = value_->FindMember(key);
  return member != value_->MemberEnd() && !member->value.IsNull();
}

JsonValue JsonValue::Get(const char* key) const {
  return {&value_->FindMember(key)->value, absl::StrCat(path_, path_.empty() ? "" : ".", key)};
}

absl::StatusOr<std::string> JsonValue::String() const {
  if (!value_->IsString()) return Wrong("a string is expected");
  return std::string(View(*value_));
}

absl::StatusOr<uint64_t> JsonValue::Number() const {
  if (!value_->IsUint64()) return Wrong("a number of 64 bits without a sign is expected");
  return value_->GetUint64();
}

absl::StatusOr<std::vector<JsonValue>> JsonValue::Array() const {
  if (!value_->IsArray()) return Wrong("an array is expected");
  std::vector<JsonValue> values;
  for (rapidjson::SizeType i = 0; i < value_->Size(); ++i) {
    values.emplace_back(&(*value_)[i], absl::StrCat(path_, "[", i, "]"));
  }
  return values;
}

absl::StatusOr<std::vector<std::string>> JsonValue::Strings() const {
  ASSIGN_OR_RETURN(const std::vector<JsonValue> values, Array());
  std::vector<std::string> strings;
  for (const JsonValue& value : values) {
    ASSIGN_OR_RETURN(std::string text, value.String());
    strings.push_back(std::move(text));
  }
  return strings;
}

absl::StatusOr<JsonValue> ParseJson(absl::string_view text, rapidjson::Document* document) {
  if (text.size() > kMostBytes) return absl::InvalidArgumentError("larger than 1 MiB");
  RETURN_IF_ERROR(CheckDepth(text));
  document->Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(
      text.data(), text.size());
  if (document->HasParseError()) {
    return At(text, std::min(document->GetErrorOffset(), text.size()),
              rapidjson::GetParseError_En(document->GetParseError()));
  }
  return JsonValue(document, "");
}

}  // namespace sandbox::oci
