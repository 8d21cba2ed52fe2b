// sandbox-cow as a function.

#ifndef SANDBOX_COW_TOOL_H_
#define SANDBOX_COW_TOOL_H_

namespace sandbox::cow_tool {

// Lays a layer over the work directory, passes the chain on, and stays as its keeper: commits,
// discards or keeps the layer when the command has ended. Returns only what a failure exits with.
int Main(int argc, const char* const argv[], const char* const environment[]);

}  // namespace sandbox::cow_tool

#endif  // SANDBOX_COW_TOOL_H_
