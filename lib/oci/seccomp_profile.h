// Seccomp profiles in JSON, as OCI runtimes (config.json, linux.seccomp) and Docker have them.

#ifndef LIB_OCI_SECCOMP_PROFILE_H_
#define LIB_OCI_SECCOMP_PROFILE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/seccomp/policy.h"

namespace sandbox::oci {

// What runc makes of the profile on x86-64, for a process without capabilities under a kernel of
// `release` (uname -r):
// - rules with the default's answer, and names that x86-64 does not have, are skipped;
// - a rule without conditions counts more than those with; several conditions on one argument are
//   alternatives; two answers to a call whatever its arguments are an error;
// - rules for other architectures, capabilities or newer kernels are left out.
// Stricter: calls of other architectures kill whatever `architectures` says, and unknown numbers
// are ENOSYS where the default is an error or to allow.
// InvalidArgument with the place of what is wrong, unknown keys too, and for answers that need a
// supervisor (SCMP_ACT_NOTIFY, SCMP_ACT_TRACE).
absl::StatusOr<seccomp::Policy> ParseSeccompProfile(absl::string_view json,
                                                    absl::string_view release);

}  // namespace sandbox::oci

#endif  // LIB_OCI_SECCOMP_PROFILE_H_
