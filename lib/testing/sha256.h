// SHA-256 (FIPS 180-4), for comparing trees in tests. Not written for speed or for secrets.

#ifndef LIB_TESTING_SHA256_H_
#define LIB_TESTING_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"

namespace sandbox::testing {

// The digest of `data` as 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view data);

}  // namespace sandbox::testing

#endif  // LIB_TESTING_SHA256_H_
