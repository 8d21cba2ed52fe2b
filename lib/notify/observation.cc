#include "lib/notify/observation.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>
#include <utime.h>

#include "absl/strings/str_cat.h"
#include "lib/fd/unique_fd.h"
#include "lib/notify/calls.h"

namespace sandbox::notify {
namespace {

constexpr size_t kPage = 4096;

// The memory of one process at one time.
class Memory {
 public:
  explicit Memory(pid_t thread)
      : fd_(open(absl::StrCat("/proc/", thread, "/mem").c_str(), O_RDONLY | O_CLOEXEC)) {}

  bool ok() const { return fd_.ok(); }

  // Exactly `size` bytes, or false.
  bool Read(uint64_t address, void* data, size_t size) const {
    return pread(fd_.get(), data, size, static_cast<off_t>(address)) ==
           static_cast<ssize_t>(size);
  }

  // The string at `address`, cut at `max` bytes; false when it is not all readable. Reads page by
  // page: the next one may not be there.
  bool ReadString(uint64_t address, size_t max, std::string* out) const {
    out->clear();
    char page[kPage];
    while (out->size() < max) {
      const size_t want = std::min(kPage - (address + out->size()) % kPage, max - out->size());
      if (!Read(address + out->size(), page, want)) return false;
      const void* end = memchr(page, 0, want);
      out->append(page, end != nullptr ? static_cast<const char*>(end) - page : want);
      if (end != nullptr) return true;
    }
    return true;
  }

 private:
  UniqueFd fd_;
};

std::string LinkOf(const std::string& path) {
  char text[PATH_MAX];
  const ssize_t size = readlink(path.c_str(), text, sizeof text);
  return size < 0 ? std::string() : std::string(text, static_cast<size_t>(size));
}

bool ReadArgv(const Memory& memory, uint64_t address, std::vector<std::string>* out) {
  for (size_t i = 0; i < kMaxArgs; ++i) {
    uint64_t word = 0;
    if (!memory.Read(address + i * sizeof word, &word, sizeof word)) return false;
    if (word == 0) return true;
    std::string arg;
    if (!memory.ReadString(word, kMaxArgBytes, &arg)) return false;
    out->push_back(std::move(arg));
  }
  return true;
}

bool CopyArgument(const Memory& memory, Copy how, int index, Observation& seen) {
  const uint64_t address = seen.arguments[index];
  switch (how) {
    case Copy::kNone:
      return true;
    case Copy::kPath: {
      if (address == 0) return true;  // about the descriptor itself, or EFAULT: has_path tells
      std::string* to = seen.has_path ? &seen.path2 : &seen.path;
      seen.has_path = true;
      return memory.ReadString(address, PATH_MAX, to);
    }
    case Copy::kText:
      return memory.ReadString(address, PATH_MAX, &seen.text);
    case Copy::kBytes: {
      const uint64_t size = seen.arguments[index + 1];
      if (size > kMaxAttributeBytes) return true;  // the kernel refuses it: nothing to copy
      seen.bytes.resize(size);
      return size == 0 || memory.Read(address, seen.bytes.data(), size);
    }
    case Copy::kTimes:
    case Copy::kUtimbuf:
      if (address == 0) return true;
      seen.bytes.resize(how == Copy::kTimes ? 2 * sizeof(timespec) : sizeof(utimbuf));
      return memory.Read(address, seen.bytes.data(), seen.bytes.size());
    case Copy::kArgv:
      return address == 0 || ReadArgv(memory, address, &seen.argv);
    case Copy::kSockaddr: {
      char bytes[128];
      const size_t size = std::min<uint64_t>(seen.arguments[index + 1] & 0xffffffff, sizeof bytes);
      if (!memory.Read(address, bytes, size)) return false;
      seen.address.assign(bytes, size);
      return true;
    }
  }
  return false;
}

// Fixed part of an encoded observation; strings follow, each as size and bytes.
struct Header {
  int64_t result;
  uint64_t arguments[6];
  int32_t thread;
  int32_t call;
  uint32_t argc;
  uint8_t readable;
  uint8_t decided;
  uint8_t has_path;
  uint8_t padding;
};

void Append(std::string& out, absl::string_view text) {
  const auto size = static_cast<uint32_t>(text.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof size);
  out.append(text.data(), text.size());
}

bool Next(absl::string_view& bytes, std::string* out) {
  uint32_t size = 0;
  if (bytes.size() < sizeof size) return false;
  memcpy(&size, bytes.data(), sizeof size);
  bytes.remove_prefix(sizeof size);
  if (bytes.size() < size) return false;
  out->assign(bytes.data(), size);
  bytes.remove_prefix(size);
  return true;
}

}  // namespace

Observation Observe(const seccomp_notif& notification) {
  Observation seen;
  seen.thread = static_cast<pid_t>(notification.pid);
  seen.call = notification.data.nr;
  std::copy(std::begin(notification.data.args), std::end(notification.data.args),
            std::begin(seen.arguments));
  const std::string proc = absl::StrCat("/proc/", notification.pid);
  const Call* call = FindCall(seen.call);
  const Memory memory(seen.thread);
  seen.readable = memory.ok() && call != nullptr;
  for (int i = 0; seen.readable && i < 6; ++i) {
    seen.readable = CopyArgument(memory, call->copies[i], i, seen);
  }
  seen.exe = LinkOf(proc + "/exe");
  const int start = call == nullptr || call->directory < 0
                        ? AT_FDCWD
                        : static_cast<int>(seen.arguments[call->directory]);
  seen.directory = LinkOf(start == AT_FDCWD ? proc + "/cwd" : absl::StrCat(proc, "/fd/", start));
  return seen;
}

bool OpensCloseOnExec(const Observation& observation) {
  const Call* call = FindCall(observation.call);
  return call != nullptr && call->flags >= 0 &&
         (observation.arguments[call->flags] & O_CLOEXEC) != 0;
}

std::string Encode(const Observation& o) {
  Header header = {.result = o.result,
                   .arguments = {},
                   .thread = o.thread,
                   .call = o.call,
                   .argc = static_cast<uint32_t>(o.argv.size()),
                   .readable = o.readable,
                   .decided = o.decided,
                   .has_path = o.has_path,
                   .padding = 0};
  memcpy(header.arguments, o.arguments, sizeof header.arguments);
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  for (const std::string* text : {&o.path, &o.path2, &o.address, &o.exe, &o.directory}) Append(bytes, *text);
  for (const std::string& arg : o.argv) Append(bytes, arg);
  return bytes;
}

absl::StatusOr<Observation> Decode(absl::string_view bytes) {
  Header header;
  if (bytes.size() < sizeof header) return absl::InvalidArgumentError("observation is cut");
  memcpy(&header, bytes.data(), sizeof header);
  bytes.remove_prefix(sizeof header);
  if (header.argc > kMaxArgs) return absl::InvalidArgumentError("observation has too many words");
  Observation o;
  o.result = header.result;
  memcpy(o.arguments, header.arguments, sizeof o.arguments);
  o.thread = header.thread;
  o.call = header.call;
  o.readable = header.readable != 0;
  o.decided = header.decided != 0;
  o.has_path = header.has_path != 0;
  o.argv.resize(header.argc);
  bool whole = true;
  for (std::string* text : {&o.path, &o.path2, &o.address, &o.exe, &o.directory}) {
    whole = whole && Next(bytes, text);
  }
  for (std::string& arg : o.argv) whole = whole && Next(bytes, &arg);
  if (!whole || !bytes.empty()) return absl::InvalidArgumentError("observation is cut");
  return o;
}

}  // namespace sandbox::notify
