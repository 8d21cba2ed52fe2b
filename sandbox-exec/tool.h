// sandbox-exec as a function.

#ifndef SANDBOX_EXEC_TOOL_H_
#define SANDBOX_EXEC_TOOL_H_

namespace sandbox::exec_tool {

// Gives the command the rights that the options name, and no others, and runs it: always the last
// stage of a chain. Returns only what a failure before the command exits with.
int Main(int argc, const char* const argv[], const char* const environment[]);

}  // namespace sandbox::exec_tool

#endif  // SANDBOX_EXEC_TOOL_H_
