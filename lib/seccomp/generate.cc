// Prints the default filters as C++ arrays; run when the tools are built.

#include <cstdio>

#include "lib/seccomp/compile.h"
#include "lib/seccomp/default_policy.h"

int main() {
  using sandbox::seccomp::Variant;
  int index = 0;
  for (const Variant variant : sandbox::seccomp::kVariants) {
    const auto program = sandbox::seccomp::Compile(sandbox::seccomp::DefaultPolicy(variant));
    if (!program.ok()) return 1;
    printf("constexpr sock_filter kFilter%d[] = {\n", index++);
    for (const sock_filter& i : *program) {
      printf("    {%u, %u, %u, 0x%x},\n", i.code, i.jt, i.jf, i.k);
    }
    printf("};\n");
  }
  return 0;
}
