#include "lib/seccomp/compile.h"

#include <cerrno>
#include <random>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "gtest/gtest.h"
#include "lib/seccomp/default_policy.h"
#include "lib/seccomp/prebuilt.h"

namespace sandbox::seccomp {
namespace {

seccomp_data Call(uint32_t number, uint64_t a0 = 0, uint64_t a1 = 0, uint64_t a2 = 0) {
  seccomp_data data = {};
  data.nr = static_cast<int>(number);
  data.arch = uapi::kNativeAuditArch;
  data.args[0] = a0;
  data.args[1] = a1;
  data.args[2] = a2;
  return data;
}

Action Ask(Variant variant, const seccomp_data& data) {
  return Evaluate(PrebuiltFilter(variant), data).value();
}

TEST(Prebuilt, IsWhatThePolicyCompilesTo) {
  for (const Variant variant : kVariants) {
    const auto program = Compile(DefaultPolicy(variant)).value();
    const auto prebuilt = PrebuiltFilter(variant);
    ASSERT_EQ(program.size(), prebuilt.size());
    for (size_t i = 0; i < program.size(); ++i) {
      EXPECT_EQ(memcmp(&program[i], &prebuilt[i], sizeof program[i]), 0) << i;
    }
    printf("variant %d: %zu instructions\n", static_cast<int>(variant), program.size());
  }
}

TEST(Compile, KeepsThePolicysMeaningOnRandomCalls) {
  std::mt19937_64 random(1);
  const uint32_t kWords[] = {0,  1,  2,  3,  8,    10,   16,     0x5412, 0x541c,    0x10000000,
                             6,  17, 262, 1024, 2048, 0x80000, 0x80, 0xffffffff, 0x40000000};
  for (const Variant variant : kVariants) {
    const Policy policy = DefaultPolicy(variant);
    for (int i = 0; i < 100000; ++i) {
      seccomp_data data = Call(static_cast<uint32_t>(random() % 600));
      if (random() % 50 == 0) data.nr |= 0x40000000;
      if (random() % 50 == 0) data.arch = uapi::kI386AuditArch;
      for (auto& argument : data.args) {
        argument = kWords[random() % std::size(kWords)];
        if (random() % 3 == 0) argument |= random() << 32;
        if (random() % 4 == 0) argument = random();
      }
      ASSERT_EQ(Ask(variant, data), Judge(policy, data)) << data.nr;
    }
  }
}

struct Row {
  const char* name;
  seccomp_data data;
  Action action;
};

TEST(DefaultPolicy, JudgesTheKnownDangers) {
  const Row kRows[] = {
      {"read", Call(SYS_read), kAllow},
      {"openat", Call(SYS_openat), kAllow},
      {"clone3", Call(SYS_clone3), Errno(ENOSYS)},
      {"clone a thread", Call(SYS_clone, 0x3d0f00), kAllow},
      {"clone a user namespace", Call(SYS_clone, 0x10000000), Errno(EPERM)},
      {"the same with high bits", Call(SYS_clone, 0x1000000010000000), Errno(EPERM)},
      {"unshare files", Call(SYS_unshare, 0x400), kAllow},
      {"unshare time", Call(SYS_unshare, 0x80), Errno(EPERM)},
      {"TIOCSTI", Call(SYS_ioctl, 0, TIOCSTI), Errno(EPERM)},
      {"TIOCSTI with a high bit", Call(SYS_ioctl, 0, TIOCSTI | 1ull << 32), Errno(EPERM)},
      {"TCGETS", Call(SYS_ioctl, 0, TCGETS), kAllow},
      {"io_uring", Call(SYS_io_uring_setup), Errno(EPERM)},
      {"x32 getpid", Call(SYS_getpid | 0x40000000), Errno(ENOSYS)},
      {"x32's own", Call(513), Errno(ENOSYS)},
      {"a call of tomorrow", Call(uapi::kLastKnownNr + 1), Errno(ENOSYS)},
      {"-1", Call(~0u), Errno(ENOSYS)},
      {"a filter of its own", Call(SYS_seccomp, 1, 0), kAllow},
      {"a listener of its own", Call(SYS_seccomp, 1, 8), Errno(EPERM)},
      {"unix", Call(SYS_socket, AF_UNIX, SOCK_STREAM), kAllow},
      {"unix datagram", Call(SYS_socket, AF_UNIX, SOCK_DGRAM), kAllow},
      {"TCP", Call(SYS_socket, AF_INET, SOCK_STREAM), Errno(EAFNOSUPPORT)},
      {"TCP with a high bit", Call(SYS_socket, AF_INET | 1ull << 32, SOCK_STREAM),
       Errno(EAFNOSUPPORT)},
      {"vsock", Call(SYS_socket, 40, SOCK_STREAM), Errno(EAFNOSUPPORT)},
      {"socketpair", Call(SYS_socketpair, AF_UNIX, SOCK_DGRAM), kAllow},
  };
  for (const Row& row : kRows) EXPECT_EQ(Ask(Variant::kUnixOnly, row.data), row.action) << row.name;
  const Row kInetRows[] = {
      {"TCP", Call(SYS_socket, AF_INET, SOCK_STREAM), kAllow},
      {"TCP, non-blocking", Call(SYS_socket, AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 6), kAllow},
      {"UDP", Call(SYS_socket, AF_INET, SOCK_DGRAM), kAllow},
      {"MPTCP", Call(SYS_socket, AF_INET, SOCK_STREAM, 262), Errno(EPROTONOSUPPORT)},
      {"ping", Call(SYS_socket, AF_INET, SOCK_DGRAM, 1), Errno(EPROTONOSUPPORT)},
      {"raw", Call(SYS_socket, AF_INET, SOCK_RAW, 6), Errno(EPROTONOSUPPORT)},
      {"packet", Call(SYS_socket, AF_PACKET, SOCK_RAW), Errno(EAFNOSUPPORT)},
      {"route", Call(SYS_socket, AF_NETLINK, SOCK_RAW, 0), kAllow},
      {"sock_diag", Call(SYS_socket, AF_NETLINK, SOCK_RAW, 4), Errno(EAFNOSUPPORT)},
      {"unix datagram", Call(SYS_socket, AF_UNIX, SOCK_DGRAM), Errno(EPROTONOSUPPORT)},
      {"a pair", Call(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC), Errno(EPROTONOSUPPORT)},
      {"unix stream", Call(SYS_socket, AF_UNIX, SOCK_STREAM), kAllow},
  };
  for (const Variant variant : {Variant::kInetGuarded, Variant::kNetworkFloor}) {
    for (const Row& row : kInetRows) EXPECT_EQ(Ask(variant, row.data), row.action) << row.name;
  }
  EXPECT_EQ(Ask(Variant::kNoNamespaces, Call(SYS_connect)), Errno(EACCES));
  seccomp_data foreign = Call(SYS_read);
  foreign.arch = uapi::kI386AuditArch;
  for (const Variant variant : kVariants) EXPECT_EQ(Ask(variant, foreign), kKillProcess);
}

TEST(DefaultPolicy, TestsNoArgumentOfFileMemoryAndTimeCalls) {
  for (const uint32_t number :
       {SYS_read, SYS_write, SYS_open, SYS_openat, SYS_close, SYS_stat, SYS_newfstatat, SYS_mmap,
        SYS_munmap, SYS_mprotect, SYS_brk, SYS_clock_gettime, SYS_gettimeofday, SYS_getdents64,
        SYS_unlink, SYS_rename, SYS_futex, SYS_execve}) {
    for (const Rule& rule : DefaultPolicy(Variant::kInetGuarded).rules) {
      EXPECT_NE(rule.number, number);
    }
  }
}

TEST(Compile, RefusesAProgramThatIsTooLarge) {
  Policy policy;
  for (uint32_t number = 0; number < 300; ++number) {
    for (uint32_t value = 0; value < 5; ++value) {
      policy.rules.push_back({number, {{0, ~0u, value, false}}, Errno(static_cast<int>(value) + 1)});
    }
  }
  EXPECT_FALSE(Compile(policy).ok());
}

TEST(Compile, JumpsOverLongBranches) {
  Policy policy;
  for (uint32_t number = 0; number < 200; ++number) {
    policy.rules.push_back({number, {{0, ~0u, number, false}}, Errno(1)});
  }
  const auto program = Compile(policy).value();
  for (uint32_t number = 0; number < 300; ++number) {
    for (const uint64_t value : {uint64_t{number}, uint64_t{7}}) {
      const seccomp_data data = Call(number, value);
      EXPECT_EQ(Evaluate(program, data).value(), Judge(policy, data)) << number;
    }
  }
}

TEST(Compile, ComparesAllBitsOfAnArgument) {
  constexpr Compare kCompares[] = {Compare::kEqual,       Compare::kNotEqual, Compare::kLess,
                                   Compare::kLessOrEqual, Compare::kGreater,
                                   Compare::kGreaterOrEqual};
  constexpr uint64_t kValues[] = {0, 1, 2, 0xfffffffe, 0xffffffff, 0x100000000, 0x100000001,
                                  0x1ffffffff, 0x7fffffffffffffff, 0x8000000000000000, ~uint64_t{0}};
  constexpr uint64_t kMasks[] = {~uint64_t{0}, 0xffffffff, 0xffffffff00000000, 0x100000001, 0};
  for (const Compare compare : kCompares) {
    for (const uint64_t mask : kMasks) {
      for (const uint64_t value : kValues) {
        Policy policy;
        // Twice, so that jumps go over another condition too, and a rule comes after.
        policy.rules.push_back({1, {}, Errno(1), {{0, mask, compare, value}}});
        policy.rules.push_back(
            {1, {}, Errno(2), {{1, mask, compare, value}, {0, ~uint64_t{0}, compare, value}}});
        const auto program = Compile(policy).value();
        for (const uint64_t a0 : kValues) {
          for (const uint64_t a1 : kValues) {
            const seccomp_data data = Call(1, a0, a1);
            ASSERT_EQ(Evaluate(program, data).value(), Judge(policy, data))
                << static_cast<int>(compare) << std::hex << " " << mask << " " << value << ": "
                << a0 << " " << a1;
          }
        }
      }
    }
  }
}

TEST(Compile, TakesManyConditionsOfARuleButNotAnyNumber) {
  Policy policy;
  policy.rules.push_back({1, {}, Errno(1), {}});
  for (int i = 0; i < 24; ++i) {
    policy.rules[0].wide.push_back(
        {i % 6, uint64_t{0xfffffffff}, Compare::kLessOrEqual, uint64_t{1} << 33});
  }
  const auto program = Compile(policy).value();
  seccomp_data data = Call(1, 7, uint64_t{1} << 33);
  EXPECT_EQ(Evaluate(program, data).value(), Errno(1));
  data.args[5] = (uint64_t{1} << 33) + 1;
  EXPECT_EQ(Evaluate(program, data).value(), kAllow);
  policy.rules[0].wide.push_back(policy.rules[0].wide[0]);
  EXPECT_FALSE(Compile(policy).ok());
}

}  // namespace
}  // namespace sandbox::seccomp
