// The files and descriptors that a command line takes further options from.

#ifndef LIB_CHAIN_OPTION_FILES_H_
#define LIB_CHAIN_OPTION_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "lib/cli/parse.h"

namespace sandbox::chain {

// Reads what the caller may read, as the caller: before anything of the sandbox is there. EINTR is
// retried; a pipe is read until its writers have closed it.
class OptionFiles : public cli::Source {
 public:
  absl::StatusOr<std::string> ReadFile(const std::string& path) override;
  absl::StatusOr<std::string> ReadDescriptor(int fd) override;
};

}  // namespace sandbox::chain

#endif  // LIB_CHAIN_OPTION_FILES_H_
