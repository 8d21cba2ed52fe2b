#include "lib/handoff/handoff.h"

#include <cerrno>
#include <cstring>
#include <linux/magic.h>
#include <map>
#include <set>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/fd/memfd.h"

namespace sandbox::handoff {
namespace {

using v1::Descriptor;
using v1::Directory;
using v1::Interest;
using v1::Layer;
using v1::Stage;

// In front of the message: protobuf alone cannot see a cut between two fields.
constexpr char kMagic[4] = {'S', 'B', 'X', 'H'};
struct Frame {
  char magic[4];
  uint32_t size;  // of the message that follows, in the machine's byte order
};

absl::Status Fault(absl::string_view what) { return absl::InvalidArgumentError(what); }

// True when neither the message nor one inside it holds a field that this version does not know.
bool IsKnown(const Handoff& m) {
  const auto clean = [](const auto& message) { return message.unknown_fields().empty(); };
  if (!clean(m) || !clean(m.caller()) || !clean(m.network())) return false;
  for (const Stage& stage : m.stages()) {
    if (!clean(stage)) return false;
  }
  for (const Descriptor& descriptor : m.descriptors()) {
    if (!clean(descriptor)) return false;
  }
  for (const Interest& interest : m.interests()) {
    if (!clean(interest)) return false;
  }
  for (const Layer& layer : m.layers()) {
    if (!clean(layer) || !clean(layer.workdir()) || !clean(layer.upper()) ||
        !clean(layer.work()) || !clean(layer.storage())) {
      return false;
    }
  }
  return true;
}

bool IsDirectory(const Directory& directory) {
  return absl::StartsWith(directory.path(), "/") && directory.has_device() &&
         directory.has_inode() && directory.path().find('\0') == std::string::npos;
}

absl::Status CheckDescriptorNames(const Handoff& m) {
  std::map<std::string, Descriptor::Kind> kinds;
  std::set<int> numbers;
  for (const Descriptor& descriptor : m.descriptors()) {
    if (descriptor.name().empty() ||
        !kinds.emplace(descriptor.name(), descriptor.kind()).second) {
      return Fault("a descriptor has no name of its own");
    }
    if (descriptor.number() < 3 || !numbers.insert(descriptor.number()).second) {
      return Fault(absl::StrCat("descriptor ", descriptor.name(), " has no number of its own"));
    }
    if (descriptor.kind() == Descriptor::KIND_UNSPECIFIED) {
      return Fault(absl::StrCat("descriptor ", descriptor.name(), " has no kind"));
    }
  }
  const auto is = [&kinds](const std::string& name, Descriptor::Kind kind) {
    const auto found = kinds.find(name);
    return found != kinds.end() && found->second == kind;
  };
  for (const Interest& interest : m.interests()) {
    if (!is(interest.socket(), Descriptor::KIND_SOCKET)) {
      return Fault("an interest has no socket");
    }
  }
  if (m.has_network() && (!is(m.network().user_namespace(), Descriptor::KIND_NAMESPACE) ||
                          !is(m.network().net_namespace(), Descriptor::KIND_NAMESPACE))) {
    return Fault("the network has no namespaces");
  }
  return absl::OkStatus();
}

absl::Status CheckForm(const Handoff& m, pid_t reader_pid) {
  if (m.version() != kVersion) {
    return Fault(absl::StrCat("version ", m.version(), "; this tool speaks ", kVersion,
                              ": install tools of one version"));
  }
  if (!IsKnown(m)) return Fault("it has a field that this version does not know");
  if (m.writer_pid() != reader_pid) {
    return Fault(absl::StrCat("it was written for process ", m.writer_pid()));
  }
  std::set<std::string> tools;
  for (const Stage& stage : m.stages()) {
    if (stage.tool().empty() || !tools.insert(stage.tool()).second) {
      return Fault("a stage is named twice or not at all");
    }
  }
  if (tools.empty()) return Fault("it names no stage");
  for (const Layer& layer : m.layers()) {
    if (!IsDirectory(layer.workdir()) || !IsDirectory(layer.upper()) ||
        !IsDirectory(layer.work()) || !IsDirectory(layer.storage())) {
      return Fault("a layer has a directory without path or identity");
    }
  }
  return CheckDescriptorNames(m);
}

absl::StatusOr<Descriptor::Kind> KindOf(int fd) {
  struct stat info = {};
  if (fstat(fd, &info) != 0) return ErrnoError(errno, "fstat");
  if (S_ISSOCK(info.st_mode)) return Descriptor::KIND_SOCKET;
  struct statfs fs = {};
  if (fstatfs(fd, &fs) != 0) return ErrnoError(errno, "fstatfs");
  if (fs.f_type == NSFS_MAGIC) return Descriptor::KIND_NAMESPACE;
  if (fs.f_type == 0x50494446 /* PIDFS_MAGIC, Linux 6.9 */) return Descriptor::KIND_PIDFD;
  return Descriptor::KIND_FILE;
}

}  // namespace

absl::StatusOr<Handoff> Decode(absl::string_view bytes, pid_t reader_pid) {
  Handoff message;
  if (bytes.size() > kMaxBytes) return Fault("it is too large");
  if (bytes.size() < sizeof(Frame)) return Fault("it is truncated or no handoff");
  Frame frame = {};
  memcpy(&frame, bytes.data(), sizeof frame);
  bytes.remove_prefix(sizeof frame);
  if (memcmp(frame.magic, kMagic, sizeof kMagic) != 0 || frame.size != bytes.size()) {
    return Fault("it is truncated or no handoff");
  }
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Fault("it is truncated or no handoff");
  }
  RETURN_IF_ERROR(CheckForm(message, reader_pid));
  // Protobuf takes a field twice, in any order, and numbers with leading zeros. Our writer does not
  // write so, and whoever reads such a message otherwise would see another one.
  if (message.SerializeAsString() != bytes) return Fault("it is not in the form that is written");
  return message;
}

absl::StatusOr<std::string> Encode(const Handoff& message, pid_t reader_pid) {
  Handoff stamped = message;
  stamped.set_version(kVersion);
  stamped.set_writer_pid(reader_pid);
  RETURN_IF_ERROR(CheckForm(stamped, reader_pid));
  const std::string body = stamped.SerializeAsString();
  Frame frame = {.magic = {}, .size = static_cast<uint32_t>(body.size())};
  memcpy(frame.magic, kMagic, sizeof kMagic);
  std::string bytes(reinterpret_cast<const char*>(&frame), sizeof frame);
  bytes += body;
  if (bytes.size() > kMaxBytes) return Fault("the handoff is too large");
  return bytes;
}

absl::Status CheckDescriptors(const Handoff& message) {
  for (const Descriptor& descriptor : message.descriptors()) {
    const absl::StatusOr<Descriptor::Kind> kind = KindOf(descriptor.number());
    if (!kind.ok()) return Fault(absl::StrCat("descriptor ", descriptor.name(), " is not open"));
    if (*kind != descriptor.kind()) {
      return Fault(absl::StrCat("descriptor ", descriptor.name(), " is of another kind"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Handoff> Read(int fd, pid_t reader_pid) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadSealedMemfd(fd, kMaxBytes));
  ASSIGN_OR_RETURN(Handoff message, Decode(bytes, reader_pid));
  RETURN_IF_ERROR(CheckDescriptors(message));
  return message;
}

absl::StatusOr<UniqueFd> Write(const Handoff& message, pid_t reader_pid) {
  ASSIGN_OR_RETURN(const std::string bytes, Encode(message, reader_pid));
  return MakeSealedMemfd("sandbox-handoff", bytes);
}

int DescriptorNumber(const Handoff& message, absl::string_view name) {
  for (const Descriptor& descriptor : message.descriptors()) {
    if (descriptor.name() == name) return descriptor.number();
  }
  return -1;
}

}  // namespace sandbox::handoff
