#include <unistd.h>

#include "sandbox-trace/tool.h"

int main(int argc, char* argv[]) { return sandbox::trace_tool::Main(argc, argv, environ); }
