#include "lib/seccomp/user_filter.h"

#include <cerrno>
#include <string>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/seccomp/compile.h"
#include "lib/seccomp/groups.h"
#include "lib/seccomp/lift.h"
#include "lib/seccomp/names.h"
#include "lib/seccomp/rule_text.h"

namespace sandbox::seccomp {
namespace {

constexpr Variant kVariant = Variant::kUnixOnly;

seccomp_data Call(const char* name, std::vector<uint64_t> args) {
  seccomp_data data = {};
  data.nr = static_cast<int>(SyscallNumber(name).value());
  data.arch = uapi::kNativeAuditArch;
  for (size_t i = 0; i < args.size(); ++i) data.args[i] = args[i];
  return data;
}

// What the default filter as lifted and the user's filter answer together, as the kernel joins them.
std::string Verdict(const UserRules& rules, const seccomp_data& data) {
  const auto filter = MakeUserFilter(rules, kVariant);
  if (!filter.ok()) return std::string(filter.status().message());
  Action action = Evaluate(Compile(Lifted(kVariant, filter->lifted)).value(), data).value();
  if (filter->policy.has_value()) {
    const Action user = Evaluate(Compile(*filter->policy).value(), data).value();
    EXPECT_EQ(user, Judge(*filter->policy, data));
    const auto rank = [](Action a) {
      return static_cast<int32_t>(a & SECCOMP_RET_ACTION_FULL);
    };
    if (rank(user) <= rank(action)) action = user;  // the newer one where they are equal
  }
  return AnswerText(action);
}

struct Row {
  std::vector<std::string> deny, allow;
  std::string otherwise;
  const char* call;
  std::vector<uint64_t> args;
  const char* expected;
};

TEST(UserFilter, AnswersAsTheRulesSay) {
  const uint64_t high = uint64_t{1} << 32;
  const Row rows[] = {
      {{}, {}, "", "mount", {}, "EPERM"},
      {{}, {}, "", "sync", {}, "allow"},
      {{"sync"}, {}, "", "sync", {}, "EPERM"},
      {{"sync:ENOSYS"}, {}, "", "sync", {}, "ENOSYS"},
      {{"sync:38"}, {}, "", "sync", {}, "ENOSYS"},
      {{"sync:kill"}, {}, "", "sync", {}, "kill"},
      {{"sync:log"}, {}, "", "sync", {}, "log"},
      {{"mount:log"}, {}, "", "mount", {}, "EPERM"},
      {{"mount:EACCES"}, {}, "", "mount", {}, "EACCES"},
      {{"@ipc:ENOSYS"}, {}, "", "shmget", {}, "ENOSYS"},
      {{"@ipc:ENOSYS", "shmget:kill"}, {}, "", "shmget", {}, "kill"},
      {{"@ipc:ENOSYS", "shmget:kill"}, {}, "", "semget", {}, "ENOSYS"},
      {{"lseek(int2==2)"}, {}, "", "lseek", {0, 0, 2}, "EPERM"},
      {{"lseek(int2==2)"}, {}, "", "lseek", {0, 0, high + 2}, "EPERM"},
      {{"lseek(arg2==2)"}, {}, "", "lseek", {0, 0, high + 2}, "allow"},
      {{"lseek(arg1>0xffffffff,int2==0)"}, {}, "", "lseek", {0, high, 0}, "EPERM"},
      {{"lseek(arg1>0xffffffff,int2==0)"}, {}, "", "lseek", {0, high - 1, 0}, "allow"},
      {{"lseek(arg1 & 0xf != 1)"}, {}, "", "lseek", {0, 0x21, 0}, "allow"},
      {{"lseek(arg1 & 0xf != 1)"}, {}, "", "lseek", {0, 0x22, 0}, "EPERM"},
      {{"close(int0==-1)"}, {}, "", "close", {0xffffffff}, "EPERM"},
      {{}, {"keyctl"}, "", "keyctl", {}, "allow"},
      {{}, {"keyctl"}, "", "add_key", {}, "EPERM"},
      {{}, {"keyctl(int0==0)"}, "", "keyctl", {0}, "allow"},
      {{}, {"keyctl(int0==0)"}, "", "keyctl", {1}, "EPERM"},
      {{}, {"personality"}, "", "personality", {8}, "allow"},
      {{}, {"@timers"}, "", "adjtimex", {}, "allow"},
      {{}, {"@process"}, "", "clone3", {}, "ENOSYS"},
      {{}, {"@network-client"}, "", "socket", {AF_INET, SOCK_STREAM}, "EAFNOSUPPORT"},
      {{}, {"read"}, "", "write", {}, "allow"},
      {{}, {}, "EPERM", "getpid", {}, "allow"},
      {{}, {}, "EPERM", "open", {}, "EPERM"},
      {{}, {}, "kill", "open", {}, "kill"},
      {{}, {"@file-open"}, "kill", "open", {}, "allow"},
      {{}, {"@file-open"}, "kill", "unlink", {}, "kill"},
      {{"openat2"}, {"open"}, "kill", "openat2", {}, "EPERM"},
      {{"kill"}, {}, "ENOSYS", "kill", {}, "EPERM"},
      {{}, {"ioctl(int1==0x5401)"}, "EPERM", "ioctl", {0, 0x5401}, "allow"},
      {{}, {"ioctl(int1==0x5401)"}, "EPERM", "ioctl", {0, 0x5402}, "EPERM"},
      {{}, {"ioctl"}, "kill", "ioctl", {0, 0x5412}, "EPERM"},  // TIOCSTI
      {{}, {"clone"}, "ENOSYS", "clone", {0x10000000}, "EPERM"},
      {{}, {"clone3"}, "kill", "clone3", {}, "ENOSYS"},
      {{}, {"@local-sockets"}, "EPERM", "socket", {AF_UNIX, SOCK_STREAM}, "allow"},
      {{}, {"socket"}, "EPERM", "socket", {AF_INET, SOCK_STREAM}, "EAFNOSUPPORT"},
      {{"socket(int0==1)"}, {"socket"}, "EPERM", "socket", {AF_UNIX, SOCK_STREAM}, "EPERM"},
      {{}, {"keyctl"}, "ENOSYS", "keyctl", {}, "allow"},
  };
  for (const Row& row : rows) {
    UserRules rules{.deny = row.deny, .allow = row.allow, .otherwise = {}, .profile = {}};
    if (!row.otherwise.empty()) rules.otherwise = ParseAnswer(row.otherwise).value();
    EXPECT_EQ(Verdict(rules, Call(row.call, row.args)), row.expected)
        << (row.deny.empty() ? "" : row.deny[0]) << " " << (row.allow.empty() ? "" : row.allow[0])
        << " " << row.otherwise << ": " << row.call;
  }
}

TEST(UserFilter, RefusesWhatCannotBe) {
  struct Refusal {
    std::vector<std::string> deny, allow;
    bool list;
    const char* says;
  };
  const Refusal rows[] = {
      {{"frobnicate"}, {}, false, "--deny-syscall frobnicate: there is no system call"},
      {{}, {"frobnicate"}, false, "--allow-syscall frobnicate: there is no system call"},
      {{"@none"}, {}, false, "no group @none"},
      {{"sync:EWHAT"}, {}, false, "'EWHAT' is no answer"},
      {{"sync:0"}, {}, false, "'0' is no answer"},
      {{"sync:4096"}, {}, false, "'4096' is no answer"},
      {{"sync:EPERM", "sync:kill"}, {}, false, "denied with EPERM and with kill"},
      {{""}, {}, false, "named first"},
      {{"lseek(int6==1)"}, {}, false, "'int6' is no argument"},
      {{"lseek(int0=1)"}, {}, false, "write ARG OP VALUE"},
      {{"lseek(int0==)"}, {}, false, "not a number"},
      {{"lseek(int0==0x100000000)"}, {}, false, "an int has 32 bits"},
      {{"lseek(arg0==99999999999999999999)"}, {}, false, "not a number"},
      {{"lseek(int0==1"}, {}, false, "')' is missing"},
      {{"lseek(int0==1)x"}, {}, false, "'x' after ')'"},
      {{"@fd(int0==1)"}, {}, false, "a group takes no conditions"},
      {{}, {"sync:EPERM"}, false, "takes no answer"},
      {{"sync"}, {"sync"}, false, "contradict each other on sync"},
      {{"@fd"}, {"dup"}, true, "contradict each other on dup"},
      {{"dup"}, {"dup(int0==1)"}, true, "contradict each other on dup"},
  };
  for (const Refusal& row : rows) {
    UserRules rules{.deny = row.deny, .allow = row.allow, .otherwise = {}, .profile = {}};
    if (row.list) rules.otherwise = Errno(EPERM);
    const auto filter = MakeUserFilter(rules, kVariant);
    ASSERT_FALSE(filter.ok()) << row.says;
    EXPECT_TRUE(absl::StrContains(filter.status().message(), row.says)) << filter.status();
  }
}

TEST(UserFilter, NeverGivesBackWhatHoldsTheSandbox) {
  for (const bool list : {false, true}) {
    for (const char* name :
         {"mount", "umount2", "pivot_root", "chroot", "setns", "open_tree", "move_mount", "fsopen",
          "fsconfig", "fsmount", "fspick", "mount_setattr", "open_tree_attr", "open_by_handle_at",
          "io_uring_setup", "io_uring_enter", "io_uring_register", "clone", "clone3", "unshare",
          "seccomp", "socket", "socketpair", "ioctl"}) {
      UserRules rules{.deny = {}, .allow = {name}, .otherwise = {}, .profile = {}};
      if (list) rules.otherwise = kKillProcess;
      const auto filter = MakeUserFilter(rules, kVariant);
      if (filter.ok()) {
        // In a list of calls it is what the default filter leaves of it.
        EXPECT_TRUE(list) << name;
        EXPECT_TRUE(filter->lifted.empty()) << name;
        EXPECT_TRUE(!IsRefusedWhole(kVariant, *SyscallNumber(name)) || name == std::string("clone3"))
            << name;
      } else {
        EXPECT_TRUE(absl::StrContains(filter.status().message(), name)) << filter.status();
        EXPECT_TRUE(absl::StrContains(filter.status().message(), "cannot be allowed"));
      }
    }
  }
  // Where the host's sockets and queues are in sight.
  for (const char* name : {"connect", "shmget", "mq_open"}) {
    EXPECT_FALSE(MakeUserFilter({.deny = {}, .allow = {name}, .otherwise = {}, .profile = {}},
                                Variant::kNoNamespaces)
                     .ok());
  }
}

TEST(UserFilter, GroupsLiftNothingThatHolds) {
  std::vector<std::string> all;
  for (const Group& group : Groups()) all.emplace_back(group.name);
  for (const Variant variant : kVariants) {
    const auto filter = MakeUserFilter(
        {.deny = {}, .allow = all, .otherwise = kKillProcess, .profile = {}}, variant);
    ASSERT_TRUE(filter.ok()) << filter.status();
    for (const Rule& rule : filter->lifted) {
      EXPECT_EQ(WhyNotLifted(variant, rule.number), nullptr);
      EXPECT_TRUE(IsRefusedWhole(variant, rule.number));
    }
  }
}

TEST(Groups, HoldCallsThatExistAndNoWayOut) {
  for (const Group& group : Groups()) {
    int known = 0;
    for (const std::string& member : GroupMembers(group.name)) {
      const auto rule = ParseRule(member);
      ASSERT_TRUE(rule.ok()) << member;
      known += SyscallNumber(rule->name).has_value() ? 1 : 0;
      for (const char* out : {"io_uring_setup", "mount", "unshare", "setns", "ptrace", "bpf"}) {
        EXPECT_NE(rule->name, out) << group.name;
      }
      if (!SyscallNumber(rule->name).has_value()) {
        ADD_FAILURE() << group.name << " " << member;
      }
    }
    EXPECT_GT(known, 1) << group.name;
  }
  EXPECT_TRUE(GroupMembers("@none").empty());
  EXPECT_TRUE(GroupMembers("baseline").empty());
}

TEST(RuleText, ConditionsReadAsTheyAreWritten) {
  for (const char* text : {"int0==0x1", "arg5!=0xffffffffffffffff", "arg1&0xf0<0x10",
                           "arg2<=0x0", "int3>0x5", "arg4>=0x7"}) {
    const auto rule = ParseRule(absl::StrCat("read(", text, ")"));
    ASSERT_TRUE(rule.ok()) << rule.status();
    EXPECT_EQ(ConditionText(rule->conditions[0]), text);
  }
}

}  // namespace
}  // namespace sandbox::seccomp
