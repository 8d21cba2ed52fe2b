// The entry point that libFuzzer calls.

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sandbox::fuzz::RunOne(absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
