// exit_with CODE   Exits with CODE, at once.

#include <cstdlib>
#include <unistd.h>

#include "tests/victims/outcome.h"

int main(int argc, char** argv) { _exit(argc == 2 ? atoi(argv[1]) : victims::kUsage); }
