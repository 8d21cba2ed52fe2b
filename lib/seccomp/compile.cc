#include "lib/seccomp/compile.h"

#include <cstddef>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/uapi/syscall_nr.h"

namespace sandbox::seccomp {
namespace {

using Program = std::vector<sock_filter>;

constexpr size_t kMaxInstructions = 4096;
// So that a jump over a rule, of at most 8 instructions a condition, fits its 8 bits.
constexpr size_t kMaxConditions = 24;

sock_filter Statement(uint16_t code, uint32_t k) { return {.code = code, .jt = 0, .jf = 0, .k = k}; }
sock_filter Jump(uint16_t code, uint32_t k, uint8_t jt, uint8_t jf) {
  return {.code = code, .jt = jt, .jf = jf, .k = k};
}
sock_filter Load(uint32_t offset) { return Statement(BPF_LD | BPF_W | BPF_ABS, offset); }
sock_filter Return(Action action) { return Statement(BPF_RET | BPF_K, action); }

uint32_t LowHalf(int argument) {
  return static_cast<uint32_t>(offsetof(seccomp_data, args) + sizeof(uint64_t) * argument);
}

uint32_t HighHalf(int argument) { return LowHalf(argument) + sizeof(uint32_t); }

void Append(Program& program, const Program& tail) {
  program.insert(program.end(), tail.begin(), tail.end());
}

// One half of an argument into the accumulator, masked.
Program Half(uint32_t offset, uint32_t mask) {
  Program code = {Load(offset)};
  if (mask != ~0u) code.push_back(Statement(BPF_ALU | BPF_AND | BPF_K, mask));
  return code;
}

bool IsNegated(Compare compare) {
  return compare == Compare::kNotEqual || compare == Compare::kLess ||
         compare == Compare::kLessOrEqual;
}

// What comes before `code` so that it is run where `condition` holds, and jumped over where not.
// A less-than is the greater-or-equal with both ways exchanged.
Program WideTest(const WideCondition& condition, const Program& code) {
  const auto low = static_cast<uint32_t>(condition.value);
  const auto high = static_cast<uint32_t>(condition.value >> 32);
  const bool negated = IsNegated(condition.compare);
  const bool equal =
      condition.compare == Compare::kEqual || condition.compare == Compare::kNotEqual;
  const bool strict =
      condition.compare == Compare::kGreater || condition.compare == Compare::kLessOrEqual;
  const auto end = static_cast<uint8_t>(code.size());  // a rule is short
  const uint8_t yes = negated ? end : 0;
  const uint8_t no = negated ? 0 : end;
  const uint16_t how = equal ? BPF_JEQ : strict ? BPF_JGT : BPF_JGE;
  Program low_test = Half(LowHalf(condition.argument), static_cast<uint32_t>(condition.mask));
  const auto rest = static_cast<uint8_t>(low_test.size() + 1);
  low_test.push_back(Jump(BPF_JMP | how | BPF_K, low, yes, no));
  const auto high_mask = static_cast<uint32_t>(condition.mask >> 32);
  if (high_mask == 0 && high == 0) return low_test;
  Program test = Half(HighHalf(condition.argument), high_mask);
  if (!equal) {
    test.push_back(Jump(BPF_JMP | BPF_JGT | BPF_K, high, static_cast<uint8_t>(rest + 1 + yes), 0));
  }
  test.push_back(Jump(BPF_JMP | BPF_JEQ | BPF_K, high, 0, static_cast<uint8_t>(rest + no)));
  Append(test, low_test);
  return test;
}

// One rule: falls through to what comes after it when a condition does not hold.
Program RuleCode(const Rule& rule) {
  // From the last condition to the first: each knows how far the end is.
  Program code = {Return(rule.action)};
  for (auto condition = rule.wide.rbegin(); condition != rule.wide.rend(); ++condition) {
    Program test = WideTest(*condition, code);
    Append(test, code);
    code = std::move(test);
  }
  for (auto condition = rule.conditions.rbegin(); condition != rule.conditions.rend();
       ++condition) {
    Program test = Half(LowHalf(condition->argument), condition->mask);
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
    if (rule.IsUnconditional()) return code;
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
  for (const Rule& rule : policy.rules) {
    if (rule.conditions.size() + rule.wide.size() > kMaxConditions) {
      return absl::InvalidArgumentError(absl::StrCat("a rule with more than ", kMaxConditions,
                                                     " conditions, on call ", rule.number));
    }
  }
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
      case BPF_JMP | BPF_JGT | BPF_K:
        pc += a > i.k ? i.jt : i.jf;
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

namespace {

bool Holds(const WideCondition& condition, const seccomp_data& data) {
  const uint64_t argument = data.args[condition.argument] & condition.mask;
  switch (condition.compare) {
    case Compare::kEqual:
      return argument == condition.value;
    case Compare::kNotEqual:
      return argument != condition.value;
    case Compare::kLess:
      return argument < condition.value;
    case Compare::kLessOrEqual:
      return argument <= condition.value;
    case Compare::kGreater:
      return argument > condition.value;
    case Compare::kGreaterOrEqual:
      return argument >= condition.value;
  }
  return false;
}

}  // namespace

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
    for (const WideCondition& c : rule.wide) matches &= Holds(c, data);
    if (matches) return rule.action;
  }
  return policy.otherwise;
}

}  // namespace sandbox::seccomp
