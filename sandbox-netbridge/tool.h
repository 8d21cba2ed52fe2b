// sandbox-netbridge as a function.

#ifndef SANDBOX_NETBRIDGE_TOOL_H_
#define SANDBOX_NETBRIDGE_TOOL_H_

namespace sandbox::netbridge_tool {

// Prepares a network namespace with one way out, passes the chain on, and stays as its keeper:
// answers names and relays connections. Returns only what a failure exits with.
int Main(int argc, const char* const argv[], const char* const environment[]);

}  // namespace sandbox::netbridge_tool

#endif  // SANDBOX_NETBRIDGE_TOOL_H_
