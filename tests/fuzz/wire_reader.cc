#include "tests/fuzz/wire_reader.h"

#include <optional>

namespace sandbox::fuzz {
namespace {

constexpr uint64_t kNumberType = 0;
constexpr uint64_t kBytesType = 2;

std::optional<uint64_t> TakeVarint(absl::string_view& bytes) {
  uint64_t value = 0;
  for (int i = 0; i < 10; ++i) {
    if (bytes.empty()) return std::nullopt;
    const auto byte = static_cast<uint8_t>(bytes[0]);
    bytes.remove_prefix(1);
    if (i == 9 && byte > 1) return std::nullopt;
    value |= static_cast<uint64_t>(byte & 0x7f) << 7 * i;
    if (byte < 0x80) {
      const bool shortest = i == 0 || byte != 0;
      return shortest ? std::optional(value) : std::nullopt;
    }
  }
  return std::nullopt;
}

const WireField* Find(const WireMessage& message, uint64_t number) {
  for (const WireField& field : message.fields) {
    if (field.number == number) return &field;
  }
  return nullptr;
}

bool IsInRange(const WireField& field, uint64_t value) {
  if (!field.is_signed) return value <= field.most;
  const auto number = static_cast<int64_t>(value);
  return number >= INT32_MIN && number <= INT32_MAX;
}

}  // namespace

bool IsAsWritten(absl::string_view bytes, const WireMessage& message) {
  uint64_t last = 0;
  while (!bytes.empty()) {
    const auto tag = TakeVarint(bytes);
    if (!tag.has_value()) return false;
    const WireField* field = Find(message, *tag >> 3);
    if (field == nullptr) return false;
    if (field->number < last || (field->number == last && !field->repeated)) return false;
    last = field->number;
    const bool sized = field->is_text || field->inner != nullptr;
    if ((*tag & 7) != (sized ? kBytesType : kNumberType)) return false;
    const auto value = TakeVarint(bytes);
    if (!value.has_value()) return false;
    if (!sized) {
      if (!IsInRange(*field, *value)) return false;
      continue;
    }
    if (*value > bytes.size()) return false;
    const absl::string_view content = bytes.substr(0, *value);
    if (field->inner != nullptr && !IsAsWritten(content, *field->inner)) return false;
    bytes.remove_prefix(*value);
  }
  return true;
}

}  // namespace sandbox::fuzz
