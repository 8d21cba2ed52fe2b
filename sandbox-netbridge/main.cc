#include <unistd.h>

#include "sandbox-netbridge/tool.h"

int main(int argc, char* argv[]) { return sandbox::netbridge_tool::Main(argc, argv, environ); }
