// seeds DIR   Writes the seeds of a fuzz target into DIR, one file each.

#include <cstdio>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/fuzz/fuzz.h"

int main(int argc, char* argv[]) {
  if (argc != 2) return 125;
  int number = 0;
  for (const std::string& seed : sandbox::fuzz::Seeds()) {
    std::ofstream file(absl::StrCat(argv[1], "/seed-", number++), std::ios::binary);
    file.write(seed.data(), static_cast<std::streamsize>(seed.size()));
    if (!file.flush()) return 125;
  }
  return 0;
}
