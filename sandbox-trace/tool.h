// sandbox-trace as a function.

#ifndef SANDBOX_TRACE_TOOL_H_
#define SANDBOX_TRACE_TOOL_H_

namespace sandbox::trace_tool {

// Passes the chain on, stays as its keeper, and writes down what the command does. Changes nothing
// of it. Returns only what a failure before the command exits with.
int Main(int argc, const char* const argv[], const char* const environment[]);

}  // namespace sandbox::trace_tool

#endif  // SANDBOX_TRACE_TOOL_H_
