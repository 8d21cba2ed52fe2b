#include "lib/seccomp/install.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "lib/base/status.h"
#include "lib/seccomp/compile.h"
#include "lib/seccomp/policy.h"
#include "lib/seccomp/prebuilt.h"
#include "lib/uapi/seccomp.h"

namespace sandbox::seccomp {
namespace {

// What became of a child: 0 or the errno that its body returned; or the signal, from 1000.
constexpr int kSignal = 1000;

int InChild(const std::function<int()>& body) {
  const pid_t pid = fork();
  if (pid == 0) {
    _exit(body());
  }
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) return -1;
  return WIFSIGNALED(status) ? kSignal + WTERMSIG(status) : WEXITSTATUS(status);
}

int ErrnoOf(long result) { return result < 0 ? errno : 0; }

int Install(absl::Span<const struct sock_filter> program) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 200;
  return InstallFilter(program).ok() ? 0 : 201;
}

int Confined(Variant variant, const std::function<int()>& body) {
  return InChild([&] {
    const int err = Install(PrebuiltFilter(variant));
    return err != 0 ? err : body();
  });
}

int SocketErrno(int family, int type, int protocol) {
  const UniqueFd fd(socket(family, type | SOCK_CLOEXEC, protocol));
  return fd.ok() ? 0 : errno;
}

std::vector<struct sock_filter> NotifyOn(uint32_t nr) {
  Policy policy;
  policy.rules.push_back({.number = nr, .conditions = {}, .action = kNotify});
  return Compile(policy).value();
}

TEST(InstallFilter, EveryVariantIsTakenAndOrdinaryCallsWork) {
  for (const Variant variant : kVariants) {
    EXPECT_EQ(Confined(variant,
                       [] {
                         const UniqueFd fd(fcntl(2, F_DUPFD_CLOEXEC, 0));
                         return fd.ok() && getppid() > 1 ? 0 : 1;
                       }),
              0);
  }
}

TEST(InstallFilter, RefusesNamespacesThatWorkWithoutIt) {
  const auto unshare_user = [] { return ErrnoOf(unshare(CLONE_NEWUSER)); };
  EXPECT_EQ(Confined(Variant::kUnixOnly, unshare_user), EPERM);
  const int free = InChild(unshare_user);
  if (free != 0) GTEST_SKIP() << "no user namespaces here: errno " << free;
  // clone() by itself, which glibc does not offer without a stack.
  const auto clone_user = [] {
    const long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) _exit(0);
    return ErrnoOf(pid);
  };
  EXPECT_EQ(InChild(clone_user), 0);
  EXPECT_EQ(Confined(Variant::kUnixOnly, clone_user), EPERM);
}

TEST(InstallFilter, ThreadsStartWithoutClone3) {
  EXPECT_EQ(Confined(Variant::kUnixOnly,
                     [] {
                       int done = 1;
                       std::thread([&done] { done = 0; }).join();
                       return done;
                     }),
            0);
  EXPECT_EQ(Confined(Variant::kUnixOnly, [] { return ErrnoOf(syscall(SYS_clone3, 0, 0)); }),
            ENOSYS);
}

TEST(InstallFilter, UnixSocketsOnlyWhereAsked) {
  const auto inet = [] { return SocketErrno(AF_INET, SOCK_STREAM, 0); };
  EXPECT_EQ(InChild(inet), 0);
  EXPECT_EQ(Confined(Variant::kInet, inet), 0);
  EXPECT_EQ(Confined(Variant::kUnixOnly, inet), EAFNOSUPPORT);
  EXPECT_EQ(Confined(Variant::kUnixOnly, [] { return SocketErrno(AF_UNIX, SOCK_STREAM, 0); }), 0);
  const auto raw_unix = [] { return SocketErrno(AF_UNIX, SOCK_RAW, 0); };
  EXPECT_EQ(InChild(raw_unix), 0);
  EXPECT_EQ(Confined(Variant::kUnixGuarded, raw_unix), EPROTONOSUPPORT);
}

// The high half of a register is not part of an int argument.
TEST(InstallFilter, HighBitsHideNoSocketFamily) {
  const auto hidden = [] {
    return ErrnoOf(syscall(SYS_socket, uint64_t{AF_INET} | uint64_t{1} << 32, SOCK_STREAM, 0));
  };
  EXPECT_EQ(InChild(hidden), 0);
  EXPECT_EQ(Confined(Variant::kUnixOnly, hidden), EAFNOSUPPORT);
}

TEST(InstallFilter, ThirtyTwoBitEntryKills) {
  // getpid of i386.
  const auto int80 = [] {
    int result = 20;
    asm volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return result == getpid() ? 0 : 1;
  };
  EXPECT_EQ(Confined(Variant::kUnixOnly, int80), kSignal + SIGSYS);
  const int free = InChild(int80);
  if (free != 0) GTEST_SKIP() << "this kernel has no 32-bit entry: " << free;
}

TEST(InstallFilter, X32NumbersAreUnknown) {
  EXPECT_EQ(Confined(Variant::kUnixOnly,
                     [] { return ErrnoOf(syscall(uapi::kX32Bit | SYS_getpid)); }),
            ENOSYS);
}

TEST(InstallFilter, CommandMayTightenButNotListen) {
  const std::vector<struct sock_filter> program = NotifyOn(SYS_sync);
  EXPECT_EQ(InChild([&] {
              if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 200;
              return GetErrno(InstallListener(program).status());
            }),
            0);
  EXPECT_EQ(Confined(Variant::kUnixOnly,
                     [&] { return GetErrno(InstallListener(program).status()); }),
            EPERM);
  EXPECT_EQ(Confined(Variant::kUnixOnly, [&] { return InstallFilter(program).ok() ? 0 : 1; }), 0);
}

TEST(InstallFilter, NeedsNoNewPrivileges) {
  EXPECT_EQ(InChild([] {
              // CAP_SYS_ADMIN would do as well; the test is about everyone else.
              struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
              const struct __user_cap_data_struct none[2] = {};
              if (syscall(SYS_capset, &header, none) != 0) return 200;
              return GetErrno(InstallFilter(PrebuiltFilter(Variant::kUnixOnly)));
            }),
            EACCES);
}

TEST(InstallListener, ReceivesOneCallAndAnswersIt) {
  const std::vector<struct sock_filter> program = NotifyOn(SYS_getppid);
  EXPECT_EQ(InChild([&] {
              if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 200;
              absl::StatusOr<UniqueFd> listener = InstallListener(program);
              if (!listener.ok()) return 201;
              const pid_t caller = fork();
              if (caller == 0) _exit(syscall(SYS_getppid) == 77 ? 0 : 1);
              struct seccomp_notif call = {};
              if (ioctl(listener->get(), uapi::kSeccompIoctlNotifRecv, &call) != 0) return 202;
              struct seccomp_notif_resp answer = {};
              answer.id = call.id;
              answer.val = 77;
              if (ioctl(listener->get(), uapi::kSeccompIoctlNotifSend, &answer) != 0) return 203;
              int status = 0;
              if (waitpid(caller, &status, 0) != caller) return 204;
              return call.data.nr == SYS_getppid && status == 0 ? 0 : 205;
            }),
            0);
}

TEST(InstallListener, SecondSupervisorIsRefusedByName) {
  const std::vector<struct sock_filter> program = NotifyOn(SYS_sync);
  EXPECT_EQ(InChild([&] {
              if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 200;
              const absl::StatusOr<UniqueFd> first = InstallListener(program);
              const absl::Status second = InstallListener(program).status();
              if (!first.ok() || GetErrno(second) != EBUSY) return 201;
              const bool named =
                  second.message().find("another supervisor") != absl::string_view::npos;
              return named ? 0 : 202;
            }),
            0);
}

}  // namespace
}  // namespace sandbox::seccomp
