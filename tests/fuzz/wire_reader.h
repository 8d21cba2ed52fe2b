// A slow and strict second reader of protobuf's wire format, for comparison with the first.

#ifndef TESTS_FUZZ_WIRE_READER_H_
#define TESTS_FUZZ_WIRE_READER_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace sandbox::fuzz {

struct WireMessage;

struct WireField {
  uint32_t number;
  uint64_t most = UINT64_MAX;           // of a number
  bool is_text = false;                 // bytes rather than a number
  const WireMessage* inner = nullptr;   // bytes that are a message
  bool repeated = false;
  bool is_signed = false;               // int32: negative ones fill 64 bits
};

struct WireMessage {
  absl::Span<const WireField> fields;
};

// True when `bytes` are a message as a writer makes it: known fields only, in ascending order, those
// that are not repeated once at most, numbers in their shortest form and in range.
bool IsAsWritten(absl::string_view bytes, const WireMessage& message);

}  // namespace sandbox::fuzz

#endif  // TESTS_FUZZ_WIRE_READER_H_
