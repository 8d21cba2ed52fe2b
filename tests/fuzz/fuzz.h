// What a fuzz target defines. Each is linked three times: with libFuzzer (--config=fuzz), with
// replay_test.cc (a test of the ordinary build) and with seeds_main.cc (writes its seeds).

#ifndef TESTS_FUZZ_FUZZ_H_
#define TESTS_FUZZ_FUZZ_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace sandbox::fuzz {

// Gives `input` to what is tested and CHECKs its properties. Returns whether it was accepted.
bool RunOne(absl::string_view input);

// Inputs that are accepted and reach, together, all that the format has.
std::vector<std::string> Seeds();

}  // namespace sandbox::fuzz

#endif  // TESTS_FUZZ_FUZZ_H_
