#include "lib/seccomp/compile.h"

#include <cstddef>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/uapi/syscall_nr.h"

namespace sandbox::seccomp {
namespace {

using Program = std::vector<sock_filter>;

constexpr size_t kMaxInstructions = 4096;

sock_filter Statement(uint16_t code, uint32_t k) { return {.code = code, .jt = 0, .jf = 0, .k = k}; }
sock_filter Jump(uint16_t code, uint32_t k, uint8_t jt, uint8_t jf) {
  return {.code = code, .jt = jt, .jf = jf, .k = k};
}
sock_filter Load(uint32_t offset) { return Statement(BPF_LD | BPF_W | BPF_ABS, offset); }
sock_filter Return(Action action) { return Statement(BPF_RET | BPF_K, action); }

uint32_t LowHalf(int argument) {
  return static_cast<uint32_t>(offsetof(seccomp_data, args) + sizeof(uint64_t) * argument);
}

void Append(Program& program, const Program& tail) {
  program.insert(program.end(), tail.begin(), tail.end());
}

// One rule: falls through to what comes after it when a condition does not hold.
Program RuleCode(const Rule& rule) {
  // From the last condition to the first: each knows how far the end is.
  Program code = {Return(rule.action)};
  for (auto condition = rule.conditions.rbegin(); condition != rule.conditions.rend();
       ++condition) {
    Program test = {Load(LowHalf(condition->argument))};
    if (condition->mask != ~0u) {
      test.push_back(Statement(BPF_ALU | BPF_AND | BPF_K, condition->mask));
    }
    const auto past = static_cast<uint8_t>(code.size());  // a rule is short
    test.push_back(Jump(BPF_JMP | BPF_JEQ | BPF_K, condition->value,
                        condition->differs ? past : 0, condition->differs ? 0 : past));
    Append(test, code);
    code = std::move(test);
  }
  return code;
}

// Ranges of numbers: each starts at its key and ends before the next.
using Ranges = std::map<uint32_t, Program>;

Program NumberCode(const Policy& policy, uint32_t number) {
  Program code;
  for (const Rule& rule : policy.rules) {
    if (rule.number != number) continue;
    Append(code, RuleCode(rule));
    if (rule.conditions.empty()) return code;
  }
  code.push_back(Return(policy.otherwise));
  return code;
}

bool IsSame(const Program& a, const Program& b) {
  // Conditional code is never shared: arguments are tested call by call.
  return a.size() == 1 && b.size() == 1 && a[0].k == b[0].k;
}

Ranges MakeRanges(const Policy& policy) {
  Ranges ranges;
  const auto add = [&ranges](uint32_t start, Program code) {
    if (ranges.empty() || !IsSame(ranges.rbegin()->second, code)) {
      ranges.emplace(start, std::move(code));
    }
  };
  for (uint32_t number = 0; number <= uapi::kLastKnownNr; ++number) {
    const bool unused = number > uapi::kLastOldNr && number < uapi::kFirstNewNr;
    add(number, unused ? Program{Return(policy.unknown)} : NumberCode(policy, number));
  }
  add(uapi::kLastKnownNr + 1, {Return(policy.unknown)});  // and all of x32's
  return ranges;
}

Program Tree(Ranges::const_iterator first, Ranges::const_iterator last) {
  const auto count = std::distance(first, last);
  if (count == 1) return first->second;
  const auto middle = std::next(first, count / 2);
  const Program left = Tree(first, middle);
  Program code;
  if (left.size() <= 255) {
    code = {Jump(BPF_JMP | BPF_JGE | BPF_K, middle->first, static_cast<uint8_t>(left.size()), 0)};
  } else {
    code = {Jump(BPF_JMP | BPF_JGE | BPF_K, middle->first, 0, 1),
            Statement(BPF_JMP | BPF_JA, static_cast<uint32_t>(left.size()))};
  }
  Append(code, left);
  Append(code, Tree(middle, last));
  return code;
}

}  // namespace

absl::StatusOr<std::vector<sock_filter>> Compile(const Policy& policy) {
  Program program = {
      Load(offsetof(seccomp_data, arch)),
      Jump(BPF_JMP | BPF_JEQ | BPF_K, uapi::kNativeAuditArch, 1, 0),
      Return(policy.foreign),
      Load(offsetof(seccomp_data, nr)),
  };
  const Ranges ranges = MakeRanges(policy);
  Append(program, Tree(ranges.begin(), ranges.end()));
  if (program.size() > kMaxInstructions) {
    return absl::ResourceExhaustedError(absl::StrCat("the filter needs ", program.size(),
                                                     " instructions; the kernel takes 4096"));
  }
  return program;
}

absl::StatusOr<Action> Evaluate(absl::Span<const sock_filter> program, const seccomp_data& data) {
  uint32_t a = 0;
  for (size_t pc = 0; pc < program.size(); ++pc) {
    const sock_filter& i = program[pc];
    switch (i.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (i.k % 4 != 0 || i.k >= sizeof data) return absl::InvalidArgumentError("bad load");
        a = reinterpret_cast<const uint32_t*>(&data)[i.k / 4];
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        a &= i.k;
        break;
      case BPF_JMP | BPF_JA:
        pc += i.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        pc += a == i.k ? i.jt : i.jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        pc += a >= i.k ? i.jt : i.jf;
        break;
      case BPF_RET | BPF_K:
        return i.k;
      default:
        return absl::InvalidArgumentError(absl::StrCat("unknown instruction ", i.code));
    }
  }
  return absl::InvalidArgumentError("no return");
}

Action Judge(const Policy& policy, const seccomp_data& data) {
  if (data.arch != uapi::kNativeAuditArch) return policy.foreign;
  const auto number = static_cast<uint32_t>(data.nr);
  if (number > uapi::kLastKnownNr ||
      (number > uapi::kLastOldNr && number < uapi::kFirstNewNr)) {
    return policy.unknown;
  }
  for (const Rule& rule : policy.rules) {
    if (rule.number != number) continue;
    bool matches = true;
    for (const Condition& c : rule.conditions) {
      matches &= ((static_cast<uint32_t>(data.args[c.argument]) & c.mask) == c.value) != c.differs;
    }
    if (matches) return rule.action;
  }
  return policy.otherwise;
}

}  // namespace sandbox::seccomp
