#include "lib/testing/features.h"

#include <cstdlib>
#include <string>

#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"

namespace sandbox::testing {
namespace {

constexpr Feature kAll[] = {Feature::kUserNamespace, Feature::kOverlay,      Feature::kNotify,
                            Feature::kLandlock,      Feature::kNetNamespace, Feature::kPidNamespace,
                            Feature::kSwitchUser};

class FeaturesTest : public ::testing::TestWithParam<Feature> {
 protected:
  void TearDown() override {
    if (before_.empty()) {
      unsetenv("SANDBOX_TEST_REQUIRE");
    } else {
      setenv("SANDBOX_TEST_REQUIRE", before_.c_str(), 1);
    }
  }

  const std::string before_ = getenv("SANDBOX_TEST_REQUIRE") ? getenv("SANDBOX_TEST_REQUIRE") : "";
};

TEST_P(FeaturesTest, GivesTheSameAnswerTwice) {
  SANDBOX_SKIP_UNLESS(GetParam());
  EXPECT_TRUE(Probe(GetParam()).ok());
}

TEST_P(FeaturesTest, IsRequiredByItsWholeName) {
  const std::string name(Name(GetParam()));
  ASSERT_FALSE(name.empty());
  setenv("SANDBOX_TEST_REQUIRE", ("x," + name + ",y").c_str(), 1);
  EXPECT_TRUE(Required(GetParam()));
  setenv("SANDBOX_TEST_REQUIRE", (name + "x").c_str(), 1);
  EXPECT_FALSE(Required(GetParam()));
  unsetenv("SANDBOX_TEST_REQUIRE");
  EXPECT_FALSE(Required(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(All, FeaturesTest, ::testing::ValuesIn(kAll),
                         [](const auto& row) { return std::string(Name(row.param)); });

// There is no such feature: what the macro does where one is missing.
void NeedsWhatIsNotThere() { SANDBOX_SKIP_UNLESS(static_cast<Feature>(99)); }

TEST_F(FeaturesTest, AMissingOneThatIsRequiredFails) {
  setenv("SANDBOX_TEST_REQUIRE", "", 1);
  EXPECT_FATAL_FAILURE(NeedsWhatIsNotThere(), "is required");
}

}  // namespace
}  // namespace sandbox::testing
