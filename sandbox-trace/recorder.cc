#include "sandbox-trace/recorder.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/notify/calls.h"

namespace sandbox::trace_tool {
namespace {

// For the summary only: a command that makes up names cannot fill our memory.
constexpr size_t kMaxNames = 10000;
constexpr size_t kShown = 10;

struct Flag {
  uint64_t bit;
  const char* name;
};
constexpr Flag kFlags[] = {{O_CREAT, "O_CREAT"},         {O_EXCL, "O_EXCL"},
                           {O_TRUNC, "O_TRUNC"},         {O_APPEND, "O_APPEND"},
                           {O_DIRECTORY, "O_DIRECTORY"}, {O_NOFOLLOW, "O_NOFOLLOW"},
                           {O_PATH, "O_PATH"}};

uint64_t OpenFlags(const notify::Call& call, const notify::Observation& seen) {
  if (call.flags == -2) return O_CREAT | O_WRONLY | O_TRUNC;
  return call.flags < 0 ? 0 : seen.arguments[call.flags];
}

std::vector<std::string> FlagNames(uint64_t flags) {
  const char* const access[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
  std::vector<std::string> names = {access[flags & O_ACCMODE]};
  for (const Flag& flag : kFlags) {
    if ((flags & flag.bit) == flag.bit) names.emplace_back(flag.name);
  }
  return names;
}

void AppendNames(std::string& out, const char* title, const std::set<std::string>& names) {
  if (names.empty()) return;
  absl::StrAppend(&out, title);
  size_t shown = 0;
  for (const std::string& name : names) {
    if (shown == kShown) {
      absl::StrAppend(&out, ", and ", names.size() - kShown, " more");
      break;
    }
    absl::StrAppend(&out, shown++ == 0 ? " " : ", ", name);
  }
  absl::StrAppend(&out, "\n");
}

}  // namespace

std::string AbsolutePath(const notify::Observation& seen) {
  if (absl::StartsWith(seen.path, "/")) return seen.path;
  if (seen.path.empty()) return seen.directory;  // a descriptor itself: AT_EMPTY_PATH
  return absl::StrCat(seen.directory, "/", seen.path);
}

std::string AddressText(const std::string& address) {
  sa_family_t family = AF_UNSPEC;
  if (address.size() >= sizeof family) memcpy(&family, address.data(), sizeof family);
  char text[INET6_ADDRSTRLEN];
  if (family == AF_INET && address.size() >= sizeof(sockaddr_in)) {
    sockaddr_in in = {};
    memcpy(&in, address.data(), sizeof in);
    inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    return absl::StrCat(text, ":", ntohs(in.sin_port));
  }
  if (family == AF_INET6 && address.size() >= offsetof(sockaddr_in6, sin6_scope_id)) {
    sockaddr_in6 in = {};
    memcpy(&in, address.data(), std::min(address.size(), sizeof in));
    inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
    return absl::StrCat("[", text, "]:", ntohs(in.sin6_port));
  }
  if (family == AF_UNIX && address.size() > offsetof(sockaddr_un, sun_path)) {
    const std::string path = address.substr(offsetof(sockaddr_un, sun_path));
    if (path[0] == '\0') return absl::StrCat("unix:@", path.substr(1));
    return absl::StrCat("unix:", path.c_str());
  }
  return absl::StrCat("family ", family);
}

void Recorder::Record(const notify::Observation& seen) {
  const notify::Call* call = notify::FindCall(seen.call);
  if (call == nullptr) return;
  ++seen_;
  // Whoever makes a call was run; an exec that is seen may still fail, as a search of PATH does.
  if (programs_.size() < kMaxNames) programs_.insert(seen.exe);
  event::JsonRecord record;
  record.Add("kind", "event").Add("event", call->kind).Add("syscall", call->name);
  if (!seen.readable) record.Add("unreadable", true);
  if (call->kind == "connect") {
    const std::string target = AddressText(seen.address);
    record.Add("target", target);
    if (targets_.size() < kMaxNames) targets_.insert(target);
  } else {
    const std::string path = AbsolutePath(seen);
    record.Add("path", path).Add("requested_path", seen.path);
    if (call->kind == "open") {
      ++opened_;
      const uint64_t flags = OpenFlags(*call, seen);
      record.Add("flags", FlagNames(flags));
      if ((flags & O_ACCMODE) != O_RDONLY && written_.size() < kMaxNames) written_.insert(path);
    } else {
      record.Add("argv", seen.argv);
    }
  }
  if (seen.decided) {
    record.Add("decided", true).Add("errno", static_cast<int64_t>(-seen.result));
  }
  event::JsonRecord process;
  process.Add("pid", static_cast<int64_t>(seen.thread)).Add("exe", seen.exe);
  process.Add("cwd", seen.directory);
  record.Add("process", process);
  events_.Write(std::move(record));
}

void Recorder::Finish() {
  event::JsonRecord record;
  record.Add("kind", "summary").Add("seen", static_cast<int64_t>(seen_));
  record.Add("folded", 0).Add("dropped", static_cast<int64_t>(events_.lost()));
  events_.Write(std::move(record));
}

std::string Recorder::Summary() const {
  std::string out = absl::StrCat("saw ", seen_, " calls: ", opened_, " opens\n");
  AppendNames(out, "programs:", programs_);
  AppendNames(out, "connections:", targets_);
  AppendNames(out, "opened for writing:", written_);
  return out;
}

}  // namespace sandbox::trace_tool
