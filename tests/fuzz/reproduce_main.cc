// fuzz FILE...   Runs a fuzz target on files, without libFuzzer.

#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/fuzz.h"

int main(int argc, char* argv[]) {
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    sandbox::fuzz::RunOne(input);
  }
  return 0;
}
