#include "lib/mediate/reader.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"
#include "lib/notify/calls.h"
#include "lib/sys/process.h"
#include "lib/uapi/syscall_nr.h"

namespace sandbox::mediate {
namespace {

// What /proc/PID/status tells of a thread.
struct Thread {
  pid_t process = 0;        // its thread group, as numbered here
  pid_t inner_process = 0;  // the same two in its own pid namespace
  pid_t inner_thread = 0;
  unsigned umask = 0;
};

bool LastNumber(absl::string_view fields, pid_t* number) {
  const std::vector<absl::string_view> all =
      absl::StrSplit(fields, absl::ByAnyChar("\t "), absl::SkipEmpty());
  return !all.empty() && absl::SimpleAtoi(all.back(), number);
}

bool ReadThread(pid_t pid, Thread* thread) {
  const UniqueFd file(
      open(absl::StrCat("/proc/", pid, "/status").c_str(), O_RDONLY | O_CLOEXEC));
  char text[2048] = {};
  int err = 0;
  if (!file.ok() || ReadAllSignalSafe(file.get(), text, sizeof text - 1, &err) < 0) return false;
  int found = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::ConsumePrefix(&line, "Umask:\t")) {
      thread->umask = static_cast<unsigned>(strtoul(std::string(line).c_str(), nullptr, 8));
      found |= 1;
    } else if (absl::ConsumePrefix(&line, "Tgid:") && LastNumber(line, &thread->process)) {
      found |= 2;
    } else if (absl::ConsumePrefix(&line, "NStgid:") && LastNumber(line, &thread->inner_process)) {
      found |= 4;
    } else if (absl::ConsumePrefix(&line, "NSpid:") && LastNumber(line, &thread->inner_thread)) {
      found |= 8;
    }
  }
  return found == 15;
}

bool TakesEmptyPath(const seccomp_notif& call) {
  const auto flags = [&](int i) { return (call.data.args[i] & AT_EMPTY_PATH) != 0; };
  switch (call.data.nr) {
    case SYS_linkat:
    case SYS_fchownat:
      return flags(4);
    case SYS_utimensat:
    case uapi::kNrFchmodat2:
      return flags(3);
    default:
      return false;
  }
}

class Maker {
 public:
  Maker(const seccomp_notif& call, const notify::Observation& seen, const notify::Call& meaning)
      : call_(call), seen_(seen), meaning_(meaning), thread_(static_cast<pid_t>(call.pid)) {}

  Reading Make() {
    Thread thread;
    if (!seen_.readable) return Refused(EFAULT);
    if (!ReadThread(thread_, &thread)) return Refused(EACCES);
    Order& order = reading_.order;
    order.id = call_.id;
    order.call = call_.data.nr;
    std::copy(std::begin(call_.data.args), std::end(call_.data.args), std::begin(order.arguments));
    order.process = thread.inner_process;
    order.thread = thread.inner_thread;
    order.umask = thread.umask;
    order.has_terminal = getsid(thread.process) == getsid(0);
    order.path = seen_.path;
    order.path2 = seen_.path2;
    order.text = seen_.text;
    order.bytes = seen_.bytes;
    for (const std::string* text : {&seen_.path, &seen_.path2, &seen_.text}) {
      if (text->size() >= PATH_MAX) return Refused(ENAMETOOLONG);
    }
    const bool by_socket = meaning_.kind == "connect" || meaning_.kind == "bind";
    const int err = by_socket ? PinSocket(thread) : PinPaths();
    return err == 0 ? std::move(reading_) : Refused(err);
  }

 private:
  static Reading Refused(int err) {
    Reading reading;
    reading.err = err;
    return reading;
  }

  int Pin(const std::string& of_process) {
    UniqueFd fd(open(absl::StrCat("/proc/", thread_, "/", of_process).c_str(), O_PATH | O_CLOEXEC));
    if (!fd.ok()) return errno == ENOENT ? EBADF : EACCES;
    reading_.fds.push_back(std::move(fd));
    return 0;
  }

  int PinSocket(const Thread& thread) {
    reading_.order.bytes = seen_.address;
    const auto pidfd = sys::PidfdOpen(thread.process);
    if (!pidfd.ok()) return EACCES;
    auto socket = sys::PidfdGetfd(pidfd->get(), static_cast<int>(call_.data.args[0]));
    if (!socket.ok()) return GetErrno(socket.status()) == EBADF ? EBADF : EACCES;
    reading_.fds.push_back(*std::move(socket));
    return Pin("cwd");
  }

  int PinStart(absl::string_view path, bool has_path, int directory) {
    const auto number = directory < 0 ? AT_FDCWD : static_cast<int>(call_.data.args[directory]);
    const std::string descriptor = absl::StrCat("fd/", number);
    if (!has_path) return meaning_.by_number ? Pin(descriptor) : EFAULT;
    if (path.empty()) {
      if (!TakesEmptyPath(call_)) return ENOENT;
      return Pin(number == AT_FDCWD ? "cwd" : descriptor);
    }
    if (absl::StartsWith(path, "/")) return Pin("root");
    return Pin(number == AT_FDCWD ? "cwd" : descriptor);
  }

  int PinPaths() {
    if (const int err = PinStart(seen_.path, seen_.has_path, meaning_.directory); err != 0) {
      return err;
    }
    int paths = 0;
    for (const notify::Copy copy : meaning_.copies) paths += copy == notify::Copy::kPath;
    if (paths < 2) return 0;
    return PinStart(seen_.path2, /*has_path=*/true, meaning_.directory2);
  }

  const seccomp_notif& call_;
  const notify::Observation& seen_;
  const notify::Call& meaning_;
  pid_t thread_;
  Reading reading_;
};

}  // namespace

Reading ReadOrder(const seccomp_notif& call, const notify::Observation& seen) {
  const notify::Call* meaning = notify::FindCall(call.data.nr);
  if (meaning == nullptr) {
    Reading refused;
    refused.err = EACCES;
    return refused;
  }
  return Maker(call, seen, *meaning).Make();
}

}  // namespace sandbox::mediate
