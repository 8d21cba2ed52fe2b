#include "lib/net/upstream.h"

#include <ares.h>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <set>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::net {
namespace {

Targets PublicTargets(const ares_addrinfo* answer) {
  Targets targets;
  for (const ares_addrinfo_node* node = answer != nullptr ? answer->nodes : nullptr;
       node != nullptr; node = node->ai_next) {
    Address address;
    address.family = node->ai_family;
    if (node->ai_family == AF_INET) {
      sockaddr_in in;
      memcpy(&in, node->ai_addr, sizeof in);
      memcpy(address.bytes.data(), &in.sin_addr, sizeof in.sin_addr);
    } else if (node->ai_family == AF_INET6) {
      sockaddr_in6 in;
      memcpy(&in, node->ai_addr, sizeof in);
      memcpy(address.bytes.data(), &in.sin6_addr, sizeof in.sin6_addr);
    } else {
      continue;
    }
    if (IsPublic(address)) targets.push_back(address);
  }
  return targets;
}

class CaresUpstream : public Upstream {
 public:
  CaresUpstream(proc::EventLoop* loop, std::map<std::string, Address> table)
      : loop_(loop), table_(std::move(table)) {}

  ~CaresUpstream() override {
    if (channel_ != nullptr) ares_destroy(channel_);
    for (const int socket : watched_) loop_->Unwatch(socket);
    if (timer_.ok()) loop_->Unwatch(timer_.get());
    if (has_library_) ares_library_cleanup();
  }

  absl::Status Start() {
    timer_.reset(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    if (!timer_.ok()) return ErrnoError(errno, "timerfd_create");
    RETURN_IF_ERROR(loop_->Watch(timer_.get(), EPOLLIN, [this](uint32_t) { OnTimer(); }));
    int result = ares_library_init(ARES_LIB_INIT_ALL);
    has_library_ = result == ARES_SUCCESS;
    ares_options options = {};
    options.sock_state_cb = &CaresUpstream::OnSocketState;
    options.sock_state_cb_data = this;
    if (has_library_) result = ares_init_options(&channel_, &options, ARES_OPT_SOCK_STATE_CB);
    if (result != ARES_SUCCESS) {
      return absl::InternalError(absl::StrCat("cannot resolve names: ", ares_strerror(result)));
    }
    return absl::OkStatus();
  }

  void Find(const std::string& name, OnTargets found) override {
    const auto given = table_.find(name);
    if (given != table_.end()) return found({given->second});
    ares_addrinfo_hints hints = {};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    // Owned by the answer's callback, which c-ares calls exactly once.
    auto* waiting = new OnTargets(std::move(found));
    ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, &CaresUpstream::OnAnswer, waiting);
    SetTimer();
  }

 private:
  static void OnAnswer(void* argument, int status, int, ares_addrinfo* answer) {
    const std::unique_ptr<OnTargets> found(static_cast<OnTargets*>(argument));
    Targets targets;
    if (status == ARES_SUCCESS) targets = PublicTargets(answer);
    if (answer != nullptr) ares_freeaddrinfo(answer);
    (*found)(std::move(targets));
  }

  static void OnSocketState(void* argument, ares_socket_t socket, int readable, int writable) {
    auto* self = static_cast<CaresUpstream*>(argument);
    const uint32_t events = (readable != 0 ? static_cast<uint32_t>(EPOLLIN) : 0u) |
                            (writable != 0 ? static_cast<uint32_t>(EPOLLOUT) : 0u);
    self->loop_->Unwatch(socket);
    self->watched_.erase(socket);
    if (events == 0) return;
    const absl::Status watched = self->loop_->Watch(
        socket, events, [self, socket](uint32_t ready) { self->Process(socket, ready); });
    if (watched.ok()) self->watched_.insert(socket);  // otherwise the lookup times out
  }

  void Process(ares_socket_t socket, uint32_t ready) {
    const uint32_t failed = EPOLLERR | EPOLLHUP;
    ares_process_fd(channel_, (ready & (EPOLLIN | failed)) != 0 ? socket : ARES_SOCKET_BAD,
                    (ready & (EPOLLOUT | failed)) != 0 ? socket : ARES_SOCKET_BAD);
    SetTimer();
  }

  void OnTimer() {
    uint64_t ticks = 0;
    if (read(timer_.get(), &ticks, sizeof ticks) < 0) return;
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    SetTimer();
  }

  void SetTimer() {
    timeval wait = {};
    itimerspec when = {};
    if (ares_timeout(channel_, nullptr, &wait) != nullptr) {
      when.it_value = {.tv_sec = wait.tv_sec, .tv_nsec = wait.tv_usec * 1000 + 1};
    }
    timerfd_settime(timer_.get(), 0, &when, nullptr);
  }

  proc::EventLoop* loop_;
  std::map<std::string, Address> table_;
  ares_channel channel_ = nullptr;
  bool has_library_ = false;
  UniqueFd timer_;
  std::set<int> watched_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Upstream>> Upstream::Create(proc::EventLoop* loop,
                                                           std::map<std::string, Address> table) {
  auto upstream = std::make_unique<CaresUpstream>(loop, std::move(table));
  RETURN_IF_ERROR(upstream->Start());
  return absl::StatusOr<std::unique_ptr<Upstream>>(std::move(upstream));
}

}  // namespace sandbox::net
