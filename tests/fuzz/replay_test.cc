// A fuzz target in the ordinary build: its seeds, its corpus, and thousands of inputs made of
// the seeds, the same in every run.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/fuzz/fuzz.h"

namespace sandbox::fuzz {
namespace {

constexpr int kInputs = 20'000;

// Changes strings at random, as fuzzers do. std::mt19937 gives the same numbers everywhere;
// the standard's distributions do not.
class Mutator {
 public:
  explicit Mutator(std::vector<std::string> seeds) : seeds_(std::move(seeds)) {}

  std::string Next() {
    std::string input = Pick();
    for (size_t changes = 1 + Below(4); changes > 0; --changes) Change(input);
    return input;
  }

 private:
  size_t Below(size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  const std::string& Pick() { return seeds_[Below(seeds_.size())]; }
  char Byte() {
    constexpr unsigned char kInteresting[] = {0, 1, 0x7f, 0x80, 0xc0, 0xff, '.', '-', '/', '='};
    return static_cast<char>(Below(2) == 0 ? kInteresting[Below(std::size(kInteresting))]
                                           : Below(256));
  }

  void Change(std::string& input) {
    const size_t at = Below(input.size() + 1);
    const size_t size = 1 + Below(8);
    switch (Below(7)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ 1 << Below(8));
        return;
      case 1:
        if (at < input.size()) input[at] = Byte();
        return;
      case 2:
        input.insert(at, size, Byte());
        return;
      case 3:
        input.erase(at, size);
        return;
      case 4:
        input.resize(at);
        return;
      case 5:
        input.insert(at, input.substr(Below(input.size() + 1), size * 4));
        return;
      default: {
        const std::string& other = Pick();
        input = input.substr(0, at) + other.substr(Below(other.size() + 1));
        return;
      }
    }
  }

  std::vector<std::string> seeds_;
  std::mt19937 random_{1};
};

std::string ContentOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(Fuzz, AcceptsItsSeeds) {
  int number = 0;
  for (const std::string& seed : Seeds()) EXPECT_TRUE(RunOne(seed)) << "seed " << number++;
}

TEST(Fuzz, SurvivesEachSeedCutAnywhere) {
  for (const std::string& seed : Seeds()) {
    for (size_t size = 0; size < seed.size(); ++size) RunOne(seed.substr(0, size));
  }
}

TEST(Fuzz, SurvivesWhatSeedsBecome) {
  Mutator mutator(Seeds());
  int accepted = 0;
  for (int i = 0; i < kInputs; ++i) accepted += RunOne(mutator.Next());
  // Or the properties of what is accepted were hardly looked at.
  EXPECT_GT(accepted, kInputs / 100);
  EXPECT_LT(accepted, kInputs);
}

TEST(Fuzz, SurvivesItsCorpus) {
  const char* directory = getenv("SANDBOX_TEST_CORPUS");
  if (directory == nullptr) return;  // it has none
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    RunOne(ContentOf(entry.path()));
  }
}

}  // namespace
}  // namespace sandbox::fuzz
