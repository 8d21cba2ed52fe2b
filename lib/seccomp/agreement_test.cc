// The kernel and libseccomp, asked about the same filters and calls as Evaluate().

#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "lib/seccomp/compile.h"
#include "lib/seccomp/install.h"
#include "lib/seccomp/policy.h"

namespace sandbox::seccomp {
namespace {

constexpr Compare kCompares[] = {Compare::kEqual,   Compare::kNotEqual,
                                 Compare::kLess,    Compare::kLessOrEqual,
                                 Compare::kGreater, Compare::kGreaterOrEqual};
constexpr scmp_compare kTheirs[] = {SCMP_CMP_EQ, SCMP_CMP_NE, SCMP_CMP_LT,
                                    SCMP_CMP_LE, SCMP_CMP_GT, SCMP_CMP_GE};

// Calls that do nothing with any arguments: removed from the kernel, or without any.
constexpr uint32_t kCalls[] = {SYS_getpid,  SYS_getppid,       SYS_getuid,   SYS_getgid,
                               SYS_geteuid, SYS_getegid,       SYS_gettid,   SYS_sched_yield,
                               SYS_query_module, SYS_create_module, SYS_tuxcall,  SYS_afs_syscall,
                               SYS_vserver, SYS_getpmsg,       SYS_putpmsg,  SYS_security};
constexpr int kErrors = 4000;  // from here on: no call of the kernel fails so

uint64_t Word(std::mt19937_64& random) {
  constexpr uint64_t kWords[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
                                 0x100000001, ~uint64_t{0}, uint64_t{1} << 63};
  return random() % 8 == 0 ? random() : kWords[random() % std::size(kWords)];
}

WideCondition RandomCondition(std::mt19937_64& random, int argument) {
  constexpr uint64_t kMasks[] = {~uint64_t{0}, ~uint64_t{0}, 0xffffffff, 0xffffffff00000000, 0x3};
  const uint64_t mask = kMasks[random() % std::size(kMasks)];
  return {argument, mask, kCompares[random() % std::size(kCompares)], Word(random) & mask};
}

// Per call up to `most` rules, each with another error, under up to three conditions.
Policy RandomPolicy(std::mt19937_64& random, int most) {
  Policy policy;
  int error = kErrors;
  for (const uint32_t number : kCalls) {
    for (int i = 0; i < most; ++i) {
      Rule rule = {.number = number, .conditions = {}, .action = Errno(error++)};
      for (int argument = 0; argument < 6; ++argument) {
        if (random() % 3 == 0) rule.wide.push_back(RandomCondition(random, argument));
      }
      if (!rule.wide.empty()) policy.rules.push_back(std::move(rule));
    }
  }
  return policy;
}

seccomp_data RandomCall(std::mt19937_64& random) {
  seccomp_data data = {};
  data.nr = static_cast<int>(kCalls[random() % std::size(kCalls)]);
  data.arch = uapi::kNativeAuditArch;
  for (auto& argument : data.args) argument = Word(random);
  return data;
}

// The errors that the kernel gives to `calls` under `program`, 0 for none.
std::vector<int> AskKernel(const std::vector<sock_filter>& program,
                           const std::vector<seccomp_data>& calls) {
  const size_t size = calls.size() * sizeof(int);
  void* shared = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return {};
  int* results = static_cast<int*>(shared);
  const pid_t pid = fork();
  if (pid == 0) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !InstallFilter(program).ok()) _exit(1);
    for (size_t i = 0; i < calls.size(); ++i) {
      const auto& a = calls[i].args;
      const long result = syscall(calls[i].nr, a[0], a[1], a[2], a[3], a[4], a[5]);
      results[i] = result == -1 ? errno : 0;
    }
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
  const std::vector<int> copy(results, results + calls.size());
  munmap(shared, size);
  return copy;
}

TEST(Agreement, KernelAnswersAsTheEvaluatorOnManyCalls) {
  constexpr int kPolicies = 50;
  constexpr int kCallsEach = 2000;  // 10^5 in all
  std::mt19937_64 random(2);
  size_t refused = 0;
  for (int i = 0; i < kPolicies; ++i) {
    const Policy policy = RandomPolicy(random, 3);
    const auto program = Compile(policy).value();
    std::vector<seccomp_data> calls(kCallsEach);
    for (seccomp_data& call : calls) call = RandomCall(random);
    const std::vector<int> answers = AskKernel(program, calls);
    ASSERT_EQ(answers.size(), calls.size());
    for (size_t k = 0; k < calls.size(); ++k) {
      const Action action = Evaluate(program, calls[k]).value();
      ASSERT_EQ(action, Judge(policy, calls[k]));
      if (action == kAllow) {
        // What the call says by itself: that it is gone, or nothing.
        ASSERT_LT(answers[k], kErrors) << calls[k].nr;
      } else {
        ASSERT_EQ(Errno(answers[k]), action) << calls[k].nr;
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, size_t{kPolicies * kCallsEach / 10});
  EXPECT_LT(refused, size_t{kPolicies * kCallsEach * 9 / 10});
}

// What libseccomp makes of the same rules. It has no masks but for equality.
std::vector<sock_filter> CompileWithLibseccomp(const Policy& policy) {
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_ALLOW),
                                                                 seccomp_release);
  for (const Rule& rule : policy.rules) {
    std::vector<scmp_arg_cmp> tests;
    for (const WideCondition& c : rule.wide) {
      const auto argument = static_cast<unsigned>(c.argument);
      if (c.mask != ~uint64_t{0}) {
        tests.push_back({argument, SCMP_CMP_MASKED_EQ, c.mask, c.value});
      } else {
        tests.push_back({argument, kTheirs[static_cast<int>(c.compare)], c.value, 0});
      }
    }
    EXPECT_EQ(seccomp_rule_add_array(filter.get(), SCMP_ACT_ERRNO(rule.action & 0xffff),
                                     static_cast<int>(rule.number),
                                     static_cast<unsigned>(tests.size()), tests.data()),
              0);
  }
  FILE* file = tmpfile();
  EXPECT_EQ(seccomp_export_bpf(filter.get(), fileno(file)), 0);
  EXPECT_EQ(fseek(file, 0, SEEK_END), 0);
  std::vector<sock_filter> program(static_cast<size_t>(ftell(file)) / sizeof(sock_filter));
  rewind(file);
  EXPECT_EQ(fread(program.data(), sizeof(sock_filter), program.size(), file), program.size());
  fclose(file);
  return program;
}

TEST(Agreement, LibseccompMeansTheSameByTheSameRules) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 50; ++i) {
    // One rule a call: it does not keep the order of several.
    Policy policy = RandomPolicy(random, 1);
    for (Rule& rule : policy.rules) {
      for (WideCondition& c : rule.wide) {
        if (c.mask != ~uint64_t{0}) c.compare = Compare::kEqual;
      }
    }
    const auto ours = Compile(policy).value();
    const std::vector<sock_filter> theirs = CompileWithLibseccomp(policy);
    for (int k = 0; k < 2000; ++k) {
      const seccomp_data call = RandomCall(random);
      const auto their_answer = Evaluate(theirs, call);
      ASSERT_TRUE(their_answer.ok()) << their_answer.status();
      ASSERT_EQ(Evaluate(ours, call).value(), *their_answer) << call.nr;
    }
  }
}

}  // namespace
}  // namespace sandbox::seccomp
