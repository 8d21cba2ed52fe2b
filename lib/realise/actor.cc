#include "lib/realise/actor.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "lib/base/status.h"
#include "lib/fd/message.h"
#include "lib/mediate/files.h"
#include "lib/mediate/order.h"
#include "lib/mediate/spot.h"
#include "lib/realise/connector.h"
#include "lib/sys/process.h"

namespace sandbox::realise {
namespace {

using mediate::Deed;
using mediate::Order;

// The numbers of what the actor keeps: its socket, and its own /proc/self/fd.
constexpr int kOrders = 3;
constexpr int kDescriptors = 4;

// Calls that sleep at the same time; more of them are told to try again.
constexpr int kMostSleepers = 64;

class Actor {
 public:
  Actor(const Plan& plan, int orders, mediate::Resolver resolver)
      : orders_(orders),
        connector_(plan.unix_sockets, plan.reachable_sockets, resolver),
        files_(plan.denies, resolver) {}

  // One order; false when there will be no more.
  bool Serve() {
    const auto message = ReceiveMessage(orders_, mediate::kMaxOrderBytes);
    while (sleepers_ > 0 && waitpid(-1, nullptr, WNOHANG) > 0) --sleepers_;
    if (!message.ok()) return false;
    const auto order = mediate::Decode(message->data);
    if (!order.ok()) return false;
    std::vector<int> fds;
    for (const UniqueFd& fd : message->fds) fds.push_back(fd.get());
    return order->call == SYS_connect ? Connect(*order, fds) : Act(*order, fds);
  }

 private:
  bool Connect(const Order& order, const std::vector<int>& fds) {
    if (fds.size() != 2) return Answer(order, EACCES, -1);
    return Answer(order, connector_.Connect(order, fds[0], fds[1]), -1);
  }

  bool Act(const Order& order, const std::vector<int>& fds) {
    const Deed deed = files_.Do(order, fds, /*may_sleep=*/false);
    if (!deed.would_sleep) return Answer(order, deed.err, deed.opened.get());
    if (sleepers_ == kMostSleepers) return Answer(order, EAGAIN, -1);
    const auto child = sys::CloneProcess(0);
    if (!child.ok()) return Answer(order, EAGAIN, -1);
    if (*child == 0) {
      if (!sys::SetParentDeathSignal(SIGKILL).ok() || !OwnDescriptors()) _exit(1);
      const Deed done = files_.Do(order, fds, /*may_sleep=*/true);
      Answer(order, done.err, done.opened.get());
      _exit(0);
    }
    ++sleepers_;
    return true;
  }

  // Puts a forked child's own /proc/self/fd where the resolver expects it.
  static bool OwnDescriptors() {
    const UniqueFd own(open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC));
    return own.ok() && dup3(own.get(), kDescriptors, O_CLOEXEC) == kDescriptors;
  }

  bool Answer(const Order& order, int32_t err, int opened) const {
    const mediate::Result result = {.id = order.id, .err = err};
    const absl::string_view bytes(reinterpret_cast<const char*>(&result), sizeof result);
    if (opened < 0) return SendMessage(orders_, bytes).ok();
    return SendMessage(orders_, bytes, {opened}).ok();
  }

  int orders_;
  int sleepers_ = 0;
  Connector connector_;
  mediate::Files files_;
};

absl::StatusOr<UniqueFd> Prepare(int keeper_pidfd) {
  RETURN_IF_ERROR(sys::SetParentDeathSignal(SIGKILL));
  pollfd keeper = {.fd = keeper_pidfd, .events = POLLIN, .revents = 0};
  if (poll(&keeper, 1, 0) != 0) return absl::FailedPreconditionError("the keeper has ended");
  RETURN_IF_ERROR(sys::SetNoNewPrivs());
  RETURN_IF_ERROR(sys::KeepCapabilities(0));
  UniqueFd descriptors(open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!descriptors.ok()) return ErrnoError(errno, "open", "/proc/self/fd");
  RETURN_IF_ERROR(sys::SetDumpable(false));
  return descriptors;
}

// Leaves `orders` as descriptors 0 to 3, so that no pipe of the job is held open, and `descriptors`
// as 4; closes all others.
absl::Status KeepOnly(int orders, int descriptors) {
  const UniqueFd kept(fcntl(descriptors, F_DUPFD_CLOEXEC, 10));
  const UniqueFd socket(fcntl(orders, F_DUPFD_CLOEXEC, 10));
  if (!kept.ok() || !socket.ok()) return ErrnoError(errno, "fcntl", "F_DUPFD_CLOEXEC");
  for (int number = 0; number <= kOrders; ++number) {
    if (dup2(socket.get(), number) < 0) return ErrnoError(errno, "dup2");
  }
  if (dup2(kept.get(), kDescriptors) < 0) return ErrnoError(errno, "dup2");
  return sys::CloseRange(kDescriptors + 1, ~0u, 0);
}

}  // namespace

void RunActor(const Plan& plan, int orders, int keeper_pidfd, SetUp* page) {
  prctl(PR_SET_NAME, "sandbox-actor");
  auto descriptors = Prepare(keeper_pidfd);
  absl::Status status = descriptors.status();
  if (status.ok()) status = KeepOnly(orders, descriptors->release());
  if (!status.ok()) {
    page->Fail(status);
    _exit(125);
  }
  Actor actor(plan, kOrders, mediate::Resolver(kDescriptors));
  page->actor_ready.Set(1);
  while (actor.Serve()) continue;
  _exit(0);
}

}  // namespace sandbox::realise
