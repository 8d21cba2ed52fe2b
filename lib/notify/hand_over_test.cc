#include "lib/notify/hand_over.h"

#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "gtest/gtest.h"
#include "lib/base/status.h"
#include "lib/sys/process.h"

namespace sandbox::notify {
namespace {

// A child that gives a descriptor as its listener and exits with 0 when it is accepted, 1 when it is
// refused for a reason, 2 otherwise.
class Giver {
 public:
  // `command`: whose memory is to be read; 0: the child's own.
  explicit Giver(pid_t command, bool dumpable = true) {
    auto pair = MakeSocketPair();
    EXPECT_TRUE(pair.ok());
    socket_ = std::move(pair->first);
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_DUMPABLE, dumpable ? 1 : 0);
    const UniqueFd listener(open("/dev/null", O_RDONLY | O_CLOEXEC));
    const absl::Status status = GiveListener(pair->second.get(), listener.get(),
                                             command == 0 ? getpid() : command);
    _exit(status.ok() ? 0 : absl::IsFailedPrecondition(status) ? 1 : 2);
  }
  ~Giver() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Giver(const Giver&) = delete;
  Giver& operator=(const Giver&) = delete;

  int socket() const { return socket_.get(); }
  pid_t pid() const { return pid_; }
  int ExitCode() {
    int status = 0;
    EXPECT_GT(waitpid(std::exchange(pid_, 0), &status, 0), 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  UniqueFd socket_;
  pid_t pid_ = 0;
};

absl::StatusOr<Listener> Accept(const Giver& giver) {
  auto message = ReceiveMessage(giver.socket(), kMaxHandOverBytes);
  EXPECT_TRUE(message.ok());
  EXPECT_TRUE(BringsListener(*message));
  auto listener = TakeListener(*std::move(message));
  EXPECT_TRUE(AnswerGiver(giver.socket(), listener.status()).ok());
  return listener;
}

TEST(HandOver, BringsTheListenerOfAReadableCommand) {
  Giver giver(0);
  const auto listener = Accept(giver);
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_GE(fcntl(listener->fd(), F_GETFD), 0);
  EXPECT_EQ(giver.ExitCode(), 0);
}

TEST(HandOver, IsRefusedWhereNoMemoryCanBeRead) {
  // Of a process that is not there.
  const pid_t gone = fork();
  if (gone == 0) _exit(0);
  waitpid(gone, nullptr, 0);
  Giver giver(gone);
  const auto listener = Accept(giver);
  EXPECT_EQ(GetErrno(listener.status()), ENOENT) << listener.status();
  EXPECT_NE(listener.status().message().find("cannot read the command's memory"),
            absl::string_view::npos);
  EXPECT_EQ(giver.ExitCode(), 1);
}

// Runs in a child: it gives up root's power over others' memory for good.
TEST(HandOver, IsRefusedByWhoeverMayNotReadTheCommand) {
  Giver giver(0, /*dumpable=*/false);
  const pid_t child = fork();
  if (child == 0) {
    if (!sys::KeepCapabilities(0).ok()) _exit(3);
    const auto listener = Accept(giver);
    _exit(GetErrno(listener.status()) == EACCES ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(giver.ExitCode(), 1);
}

TEST(HandOver, SaysWhenTheReceiverHasEnded) {
  auto pair = MakeSocketPair();
  ASSERT_TRUE(pair.ok());
  pair->second.reset();
  EXPECT_FALSE(GiveListener(pair->first.get(), 0, getpid()).ok());
}

TEST(HandOver, OtherMessagesBringNone) {
  EXPECT_FALSE(BringsListener({.data = "LIST0000", .fds = {}}));
  EXPECT_FALSE(TakeListener({.data = "x", .fds = {}}).ok());
}

}  // namespace
}  // namespace sandbox::notify
