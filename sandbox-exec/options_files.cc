#include "sandbox-exec/options_files.h"

namespace sandbox::exec_tool {

bool TakeFileOption(const cli::Given& given, FileOptions* options) {
  const bool writes = given.Is("write") || given.Is("rw");
  const bool executes = given.Is("read") || given.Is("write");
  if (given.Is("system")) {
    options->system = true;
  } else if (given.Is("ignore-missing")) {
    options->ignore_missing = true;
  } else if (given.Is("protect")) {
    options->protect = true;
  } else if (given.Is("deny")) {
    options->denies.push_back({given.value, policy::Effect::kDeny});
  } else if (given.Is("deny-write")) {
    options->denies.push_back({given.value, policy::Effect::kDenyWrite});
  } else if (given.Is("allow-inside")) {
    options->denies.push_back({given.value, policy::Effect::kAllow});
  } else if (writes || executes || given.Is("ro")) {
    options->grants.push_back(
        {.path = given.value, .write = writes, .execute = executes, .system = false});
  } else {
    return false;
  }
  return true;
}

}  // namespace sandbox::exec_tool
