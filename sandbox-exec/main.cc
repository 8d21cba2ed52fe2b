#include <unistd.h>

#include "sandbox-exec/tool.h"

int main(int argc, char* argv[]) { return sandbox::exec_tool::Main(argc, argv, environ); }
