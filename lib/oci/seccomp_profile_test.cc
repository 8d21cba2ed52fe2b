#include "lib/oci/seccomp_profile.h"

#include <cerrno>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/seccomp/compile.h"
#include "lib/seccomp/names.h"
#include "lib/seccomp/rule_text.h"

namespace sandbox::oci {
namespace {

constexpr char kRelease[] = "6.1.0-18-amd64";

// In the form of Docker's default profile.
constexpr char kProfile[] = R"({
  "defaultAction": "SCMP_ACT_ERRNO",
  "defaultErrnoRet": 13,
  "archMap": [{"architecture": "SCMP_ARCH_X86_64",
               "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]}],
  "syscalls": [
    {"names": ["read", "write", "waitpid", "no_such_call"], "action": "SCMP_ACT_ALLOW"},
    {"names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
    {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.2"}},
    {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_NE"}]},
    {"names": ["personality"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"},
              {"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]},
    {"names": ["arch_prctl"], "action": "SCMP_ACT_ALLOW",
     "includes": {"arches": ["amd64", "x32"]}},
    {"names": ["sync_file_range"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["ppc64le"]}},
    {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
    {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "comment": "no namespaces",
     "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}],
     "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}},
    {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38,
     "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
    {"name": "reboot", "action": "SCMP_ACT_KILL_PROCESS"},
    {"name": "sync", "action": "SCMP_ACT_TRAP", "args": null},
    {"names": ["lseek"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 1, "value": 18446744073709551615, "op": "SCMP_CMP_LT"},
              {"index": 2, "value": 2, "op": "SCMP_CMP_LE"}]}
  ]
})";

std::string Verdict(const seccomp::Policy& policy, const char* name, std::vector<uint64_t> args) {
  seccomp_data data = {};
  data.nr = static_cast<int>(seccomp::SyscallNumber(name).value());
  data.arch = uapi::kNativeAuditArch;
  for (size_t i = 0; i < args.size(); ++i) data.args[i] = args[i];
  const auto program = seccomp::Compile(policy);
  return program.ok() ? seccomp::AnswerText(seccomp::Evaluate(*program, data).value()) : "none";
}

TEST(SeccompProfile, MeansWhatItSays) {
  const auto policy = ParseSeccompProfile(kProfile, kRelease);
  ASSERT_TRUE(policy.ok()) << policy.status();
  struct Row {
    const char* name;
    std::vector<uint64_t> args;
    const char* expected;
  };
  const Row rows[] = {
      {"read", {}, "allow"},
      {"open", {}, "EACCES"},
      {"ptrace", {}, "allow"},
      {"bpf", {}, "EACCES"},
      {"socket", {40}, "EACCES"},
      {"socket", {2}, "allow"},
      {"personality", {0}, "allow"},
      {"personality", {8}, "allow"},
      {"personality", {9}, "EACCES"},
      {"arch_prctl", {}, "allow"},
      {"sync_file_range", {}, "EACCES"},
      {"mount", {}, "EACCES"},
      {"clone", {17}, "allow"},
      {"clone", {0x10000000}, "EACCES"},
      {"clone3", {}, "ENOSYS"},
      {"reboot", {}, "kill"},
      {"sync", {}, "trap"},
      {"lseek", {0, 5, 2}, "allow"},
      {"lseek", {0, ~uint64_t{0}, 2}, "EACCES"},
      {"lseek", {0, 5, 3}, "EACCES"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Verdict(*policy, row.name, row.args), row.expected) << row.name;
  }
  EXPECT_EQ(policy->unknown, seccomp::Errno(ENOSYS));
  EXPECT_EQ(policy->foreign, seccomp::kKillProcess);
}

TEST(SeccompProfile, ARuleWithoutConditionsCountsMore) {
  const auto policy = ParseSeccompProfile(
      R"({"defaultAction": "SCMP_ACT_KILL_PROCESS", "syscalls": [
          {"names": ["lseek"], "action": "SCMP_ACT_ERRNO",
           "args": [{"index": 2, "value": 1, "op": "SCMP_CMP_EQ"}]},
          {"names": ["lseek"], "action": "SCMP_ACT_ALLOW"}]})",
      kRelease);
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(Verdict(*policy, "lseek", {0, 0, 1}), "allow");
  EXPECT_EQ(policy->unknown, seccomp::kKillProcess);
}

TEST(SeccompProfile, SaysWhereItIsWrong) {
  const auto with = [](const char* call) {
    return absl::StrCat(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [)", call, "]}");
  };
  struct Row {
    std::string json;
    const char* says;
  };
  const Row rows[] = {
      {"", "line 1, column 1: "},
      {"{\n  \"defaultAction\": SCMP\n}", "line 2, column 20: "},
      {"[]", "an object is expected"},
      {"{}", "\"defaultAction\" is missing"},
      {R"({"defaultAction": 1})", "defaultAction: a string is expected"},
      {R"({"defaultAction": "SCMP_ACT_NO"})", "there is no action SCMP_ACT_NO"},
      {R"({"defaultAction": "SCMP_ACT_NOTIFY"})", "needs a supervisor"},
      {R"({"defaultAction": "SCMP_ACT_ALLOW", "defaultaction": "x"})", "unknown key \"defaultaction\""},
      {R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultAction": "SCMP_ACT_ALLOW"})", "twice"},
      {R"({"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/x"})", "listenerPath: no listener"},
      {R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 5000})", "at most 4095"},
      {R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["x86"]})", "no architecture x86"},
      {with(R"({"names": ["read"], "action": "SCMP_ACT_TRACE"})"), "syscalls[0].action: SCMP_ACT_TRACE"},
      {with(R"({"action": "SCMP_ACT_KILL"})"), "syscalls[0]: one of \"names\""},
      {with(R"({"names": "read", "action": "SCMP_ACT_KILL"})"), "syscalls[0].names: an array"},
      {with(R"({"names": [7], "action": "SCMP_ACT_KILL"})"), "syscalls[0].names[0]: a string"},
      {with(R"({"names": ["read"], "action": "SCMP_ACT_KILL", "arg": []})"), "unknown key \"arg\""},
      {with(R"({"names": ["read"], "action": "SCMP_ACT_KILL", "args": [{"index": 6, "op": "SCMP_CMP_EQ"}]})"),
       "arguments 0 to 5"},
      {with(R"({"names": ["read"], "action": "SCMP_ACT_KILL", "args": [{"index": 0, "op": "EQ"}]})"),
       "args[0].op: there is no comparison EQ"},
      {with(R"({"names": ["read"], "action": "SCMP_ACT_KILL", "args": [{"index": 0, "value": -1, "op": "SCMP_CMP_EQ"}]})"),
       "args[0].value: a number"},
      {with(R"({"names": ["read"], "action": "SCMP_ACT_KILL"}, {"names": ["read"], "action": "SCMP_ACT_TRAP"})"),
       "syscalls[1]: read has another answer"},
      {with(R"({"names": ["read"], "action": "SCMP_ACT_KILL", "includes": {"minKernel": "new"}})"),
       "'new' is no kernel version"},
      {std::string(100000, '['), "nested too deeply"},
      {std::string((1 << 20) + 1, ' '), "larger than 1 MiB"},
      {std::string("{\"defaultAction\": \"\xff\"}"), "column"},
  };
  for (const Row& row : rows) {
    const auto policy = ParseSeccompProfile(row.json, kRelease);
    ASSERT_FALSE(policy.ok()) << row.says;
    EXPECT_TRUE(absl::StrContains(policy.status().message(), row.says)) << policy.status();
  }
}

}  // namespace
}  // namespace sandbox::oci
