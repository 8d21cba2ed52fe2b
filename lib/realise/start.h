// How the command starts, apart from its rights: directory, session, descriptors.

#ifndef LIB_REALISE_START_H_
#define LIB_REALISE_START_H_

#include "absl/status/status.h"
#include "lib/realise/plan.h"

namespace sandbox::realise {

// Enters the working directory: start.directory, or that is an error; else the caller's, and where
// no grant shows that, the home directory or "/".
absl::Status EnterWorkingDirectory(const Plan& plan);

// In the process that becomes the command, before its filter: session and memory as `start` says.
absl::Status PrepareStart(const Start& start);

// Closes all descriptors above 2 but start.descriptors, in a table of the caller's own, and lets
// those pass an exec.
absl::Status KeepDescriptors(const Start& start);

// In a process that stays: the command's descriptors are the command's alone.
void CloseDescriptors(const Start& start);

}  // namespace sandbox::realise

#endif  // LIB_REALISE_START_H_
