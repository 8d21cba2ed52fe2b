#include <unistd.h>

#include "sandbox-cow/tool.h"

int main(int argc, char* argv[]) { return sandbox::cow_tool::Main(argc, argv, environ); }
