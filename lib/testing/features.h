// What the running kernel lets this test's user do, found out by doing it.
//
// A test that needs a feature begins with SANDBOX_SKIP_UNLESS(Feature::kOverlay): it is skipped,
// with the reason, where that feature is missing, and fails where the variable SANDBOX_TEST_REQUIRE
// (names with commas between) says that this machine has it.

#ifndef LIB_TESTING_FEATURES_H_
#define LIB_TESTING_FEATURES_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace sandbox::testing {

enum class Feature {
  kUserNamespace,  // "userns": a user and mount namespace in which a mount works
  kOverlay,        // "overlay": overlayfs with userxattr in a user namespace, a copy-up, a whiteout
  kNotify,         // "notify": a seccomp listener answers a call
  kLandlock,       // "landlock": ABI 1 or later
  kNetNamespace,   // "netns": a network namespace whose loopback connects
  kPidNamespace,   // "pidns": a child that is pid 1
  kSwitchUser,     // "user": root can become one, or the test is one
};

// As written in SANDBOX_TEST_REQUIRE.
absl::string_view Name(Feature feature);

// OK when it works; else the first call that failed, with errno. Forks; changes nothing here.
absl::Status Probe(Feature feature);

// Landlock's ABI version; 0 when there is no Landlock.
int LandlockAbi();

// Whether SANDBOX_TEST_REQUIRE names `feature`.
bool Required(Feature feature);

}  // namespace sandbox::testing

#define SANDBOX_SKIP_UNLESS(feature)                                                               \
  do {                                                                                             \
    const ::sandbox::testing::Feature wanted_feature = (feature);                                  \
    const absl::Status feature_status = ::sandbox::testing::Probe(wanted_feature);                 \
    if (!feature_status.ok() && ::sandbox::testing::Required(wanted_feature)) {                    \
      GTEST_FAIL() << ::sandbox::testing::Name(wanted_feature)                                     \
                   << " is required: " << feature_status;                                          \
    }                                                                                              \
    if (!feature_status.ok()) {                                                                    \
      GTEST_SKIP() << "no " << ::sandbox::testing::Name(wanted_feature) << ": "                    \
                   << feature_status;                                                              \
    }                                                                                              \
  } while (false)

#endif  // LIB_TESTING_FEATURES_H_
