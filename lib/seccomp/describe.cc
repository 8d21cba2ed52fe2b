#include "lib/seccomp/describe.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lib/seccomp/groups.h"
#include "lib/seccomp/names.h"
#include "lib/seccomp/rule_text.h"

namespace sandbox::seccomp {
namespace {

std::string NameOf(uint32_t number) { return SyscallName(number).value_or(absl::StrCat(number)); }

std::vector<std::string> ConditionsOf(const Rule& rule) {
  std::vector<std::string> texts;
  for (const Condition& condition : rule.conditions) {
    texts.push_back(
        ConditionText({.argument = condition.argument,
                       .mask = condition.mask,
                       .compare = condition.differs ? Compare::kNotEqual : Compare::kEqual,
                       .value = condition.value}));
  }
  for (const WideCondition& condition : rule.wide) texts.push_back(ConditionText(condition));
  return texts;
}

}  // namespace

std::string TableText(const Policy& policy) {
  std::string text;
  for (const Rule& rule : policy.rules) {
    std::string call = NameOf(rule.number);
    if (!rule.IsUnconditional()) {
      absl::StrAppend(&call, "(", absl::StrJoin(ConditionsOf(rule), ","), ")");
    }
    absl::StrAppendFormat(&text, "%-48s %s\n", call, AnswerText(rule.action));
  }
  absl::StrAppendFormat(&text, "%-48s %s\n", "any other call", AnswerText(policy.otherwise));
  absl::StrAppendFormat(&text, "%-48s %s\n", "a call that is not known",
                        AnswerText(policy.unknown));
  absl::StrAppendFormat(&text, "%-48s %s\n", "a call of another architecture",
                        AnswerText(policy.foreign));
  return text;
}

std::string PseudoCode(const Policy& policy) {
  std::string text = absl::StrCat("if ($arch != x86_64) return ", AnswerText(policy.foreign),
                                  ";\nif ($syscall is not known) return ",
                                  AnswerText(policy.unknown), ";\n");
  for (const Rule& rule : policy.rules) {
    std::vector<std::string> tests = {absl::StrCat("$syscall == ", NameOf(rule.number))};
    for (std::string& condition : ConditionsOf(rule)) tests.push_back(std::move(condition));
    absl::StrAppend(&text, "if (", absl::StrJoin(tests, " && "), ") return ",
                    AnswerText(rule.action), ";\n");
  }
  return absl::StrCat(text, "return ", AnswerText(policy.otherwise), ";\n");
}

std::string InstructionText(absl::Span<const sock_filter> program) {
  std::string text;
  for (size_t at = 0; at < program.size(); ++at) {
    const sock_filter& i = program[at];
    const auto branch = [&](const char* name) {
      absl::StrAppendFormat(&text, "%s #0x%x, l%d, l%d\n", name, i.k, at + 1 + i.jt, at + 1 + i.jf);
    };
    absl::StrAppend(&text, "l", at, ": ");
    switch (i.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        absl::StrAppendFormat(&text, "ld [%d]\n", i.k);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        absl::StrAppendFormat(&text, "and #0x%x\n", i.k);
        break;
      case BPF_JMP | BPF_JA:
        absl::StrAppendFormat(&text, "jmp l%d\n", at + 1 + i.k);
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        branch("jeq");
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        branch("jgt");
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        branch("jge");
        break;
      case BPF_RET | BPF_K:
        absl::StrAppendFormat(&text, "ret #0x%x\n", i.k);
        break;
      default:
        absl::StrAppendFormat(&text, ".word 0x%x %d %d 0x%x\n", i.code, i.jt, i.jf, i.k);
    }
  }
  return text;
}

std::string GroupsText() {
  std::string text;
  for (const Group& group : Groups()) {
    absl::StrAppendFormat(&text, "%-17s %s\n", group.name, group.members);
  }
  return text;
}

}  // namespace sandbox::seccomp
