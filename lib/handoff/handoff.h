// The handoff between two stages: encoding, decoding and the checks on both.
//
// A handoff is trusted like argv: the checks catch accidents and version skew. It holds requests
// and endpoints, never "already done", so that a forged one confines its forger's child only.

#ifndef LIB_HANDOFF_HANDOFF_H_
#define LIB_HANDOFF_HANDOFF_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/fd/unique_fd.h"
#include "lib/handoff/handoff.pb.h"

namespace sandbox::handoff {

using v1::Handoff;

inline constexpr uint32_t kVersion = 1;
inline constexpr size_t kMaxBytes = 1 << 20;
inline constexpr char kVariable[] = "SANDBOX_HANDOFF_FD";

// Parses and checks the form: version, no unknown field at any depth, the writer is `reader_pid`,
// names of descriptors unique and used ones there and of the kind they are used as, directories
// absolute, no stage twice, the bytes those that Encode() makes of it. Makes no system call.
// InvalidArgument says what is wrong.
absl::StatusOr<Handoff> Decode(absl::string_view bytes, pid_t reader_pid);

// Serialises `message` for a reader with the caller's own pid. InvalidArgument when it would not
// pass Decode(), or is larger than kMaxBytes.
absl::StatusOr<std::string> Encode(const Handoff& message, pid_t reader_pid);

// Checks that each descriptor of `message` is open and of its kind (fstat, and fstatfs for nsfs).
absl::Status CheckDescriptors(const Handoff& message);

// Reads descriptor `fd` (borrowed): sealed memfd, size, Decode(), CheckDescriptors().
absl::StatusOr<Handoff> Read(int fd, pid_t reader_pid);

// A sealed memfd with `message`.
absl::StatusOr<UniqueFd> Write(const Handoff& message, pid_t reader_pid);

// The number of the descriptor called `name`; -1 when there is none.
int DescriptorNumber(const Handoff& message, absl::string_view name);

}  // namespace sandbox::handoff

#endif  // LIB_HANDOFF_HANDOFF_H_
