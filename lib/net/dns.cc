#include "lib/net/dns.h"

#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"

namespace sandbox::net {
namespace {

constexpr size_t kHeader = 12;
constexpr size_t kMaxQuery = 512 + 1024;
constexpr uint16_t kA = 1;
constexpr uint16_t kAaaa = 28;
constexpr uint16_t kAny = 255;
constexpr uint16_t kInternet = 1;
constexpr uint8_t kNoError = 0;
constexpr uint8_t kFormErr = 1;
constexpr uint8_t kNxDomain = 3;
constexpr uint8_t kNotImp = 4;
constexpr uint32_t kTtl = 60;

uint16_t U16(absl::string_view bytes, size_t at) {
  return static_cast<uint16_t>(static_cast<uint8_t>(bytes[at]) << 8 |
                               static_cast<uint8_t>(bytes[at + 1]));
}

void Put16(std::string& out, uint16_t value) {
  out.push_back(static_cast<char>(value >> 8));
  out.push_back(static_cast<char>(value & 0xff));
}

struct Question {
  std::string name;     // with dots, as it came
  uint16_t type = 0;
  uint16_t klass = 0;
  size_t end = 0;       // behind it in the message
};

// The only question. A compression pointer has nothing to point back to: refused.
std::optional<Question> ParseQuestion(absl::string_view query) {
  Question question;
  size_t at = kHeader;
  while (true) {
    if (at >= query.size()) return std::nullopt;
    const auto size = static_cast<uint8_t>(query[at++]);
    if (size == 0) break;
    if (size > 63 || at + size > query.size()) return std::nullopt;
    const absl::string_view label = query.substr(at, size);
    if (label.find('.') != absl::string_view::npos) return std::nullopt;
    absl::StrAppend(&question.name, question.name.empty() ? "" : ".", label);
    if (question.name.size() > 253) return std::nullopt;
    at += size;
  }
  if (at + 4 > query.size()) return std::nullopt;
  question.type = U16(query, at);
  question.klass = U16(query, at + 2);
  question.end = at + 4;
  return question;
}

std::string Header(absl::string_view query, uint8_t code, uint16_t questions, uint16_t answers) {
  std::string out(query.substr(0, 2));
  const uint8_t wants_recursion = static_cast<uint8_t>(query[2]) & 0x01;
  const uint8_t opcode = static_cast<uint8_t>(query[2]) & 0x78;
  out.push_back(static_cast<char>(0x80 | opcode | wants_recursion));  // QR, RD
  out.push_back(static_cast<char>(0x80 | code));                      // RA
  Put16(out, questions);
  Put16(out, answers);
  Put16(out, 0);
  Put16(out, 0);
  return out;
}

void PutAnswer(std::string& out, const Address& address) {
  const size_t size = address.family == AF_INET ? 4 : 16;
  Put16(out, 0xc000 | kHeader);  // the name of the question
  Put16(out, address.family == AF_INET ? kA : kAaaa);
  Put16(out, kInternet);
  Put16(out, kTtl >> 16);
  Put16(out, kTtl & 0xffff);
  Put16(out, static_cast<uint16_t>(size));
  out.append(reinterpret_cast<const char*>(address.bytes.data()), size);
}

}  // namespace

std::string AnswerQuery(absl::string_view query, const Names& names) {
  if (query.size() < kHeader || query.size() > kMaxQuery) return "";
  if ((static_cast<uint8_t>(query[2]) & 0x80) != 0) return "";  // itself an answer
  if ((static_cast<uint8_t>(query[2]) & 0x78) != 0) return Header(query, kNotImp, 0, 0);
  if (U16(query, 4) != 1) return Header(query, kFormErr, 0, 0);
  const auto question = ParseQuestion(query);
  if (!question.has_value()) return Header(query, kFormErr, 0, 0);
  const absl::string_view echo = query.substr(kHeader, question->end - kHeader);
  const auto pair = names.Find(question->name);
  if (!pair.has_value()) return absl::StrCat(Header(query, kNxDomain, 1, 0), echo);
  const bool internet = question->klass == kInternet || question->klass == kAny;
  const bool v4 = internet && (question->type == kA || question->type == kAny);
  const bool v6 = internet && (question->type == kAaaa || question->type == kAny);
  std::string out =
      absl::StrCat(Header(query, kNoError, 1, static_cast<uint16_t>(v4 + v6)), echo);
  if (v4) PutAnswer(out, pair->v4);
  if (v6) PutAnswer(out, pair->v6);
  return out;
}

}  // namespace sandbox::net
