#include "lib/notify/hand_over.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::notify {
namespace {

constexpr char kMagic[4] = {'L', 'I', 'S', 'T'};
constexpr char kReady[] = "ready";
constexpr size_t kMaxAnswerBytes = 512;
constexpr char kYama[] = "/proc/sys/kernel/yama/ptrace_scope";

struct HandOver {
  char magic[4];
  int32_t command;
};
static_assert(sizeof(HandOver) <= kMaxHandOverBytes);

// Where Yama is in force: why a descendant's memory may be out of reach.
std::string YamaScope() {
  const UniqueFd file(open(kYama, O_RDONLY | O_CLOEXEC));
  char scope = 0;
  int err = 0;
  if (!file.ok() || ReadAllSignalSafe(file.get(), &scope, 1, &err) != 1) return "";
  return absl::StrCat("; kernel.yama.ptrace_scope is ", absl::string_view(&scope, 1));
}

absl::Status CheckMemory(pid_t command) {
  const std::string path = absl::StrCat("/proc/", command, "/mem");
  const UniqueFd memory(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (memory.ok()) return absl::OkStatus();
  const int err = errno;
  return Annotate(ErrnoError(err, "open", path),
                  absl::StrCat("cannot read the command's memory", YamaScope()));
}

}  // namespace

absl::Status GiveListener(int socket, int listener, pid_t command) {
  HandOver order = {.magic = {}, .command = command};
  memcpy(order.magic, kMagic, sizeof kMagic);
  const absl::string_view bytes(reinterpret_cast<const char*>(&order), sizeof order);
  RETURN_IF_ERROR(SendMessage(socket, bytes, {listener}));
  const auto answer = ReceiveMessage(socket, kMaxAnswerBytes);
  if (!answer.ok()) return Annotate(answer.status(), "whoever watches the command has ended");
  if (answer->data != kReady) return absl::FailedPreconditionError(answer->data);
  return absl::OkStatus();
}

bool BringsListener(const Message& message) {
  return message.fds.size() == 1 && message.data.size() == sizeof(HandOver) &&
         memcmp(message.data.data(), kMagic, sizeof kMagic) == 0;
}

absl::StatusOr<Listener> TakeListener(Message message) {
  if (!BringsListener(message)) return absl::InternalError("no listener came");
  HandOver order;
  memcpy(&order, message.data.data(), sizeof order);
  RETURN_IF_ERROR(CheckMemory(order.command));
  return Listener(std::move(message.fds[0]));
}

absl::Status AnswerGiver(int socket, const absl::Status& status) {
  return SendMessage(socket, status.ok() ? kReady : status.message().substr(0, kMaxAnswerBytes));
}

}  // namespace sandbox::notify
