// The handoff's decoder: what it accepts has the one form that is written, and stays what it is.
// A first byte of 0 has the rest taken as it is; any other frames it as a message.

#include <cstring>
#include <sys/types.h>
#include <utility>

#include "lib/base/check.h"
#include "lib/handoff/handoff.h"
#include "lib/handoff/handoff.pb.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/wire_reader.h"

namespace sandbox::fuzz {
namespace {

using handoff::Handoff;
using handoff::v1::Descriptor;
using handoff::v1::Directory;

constexpr pid_t kPid = 4711;
constexpr size_t kFrame = 8;

// handoff.proto once more, by hand.
constexpr WireField kDescriptorFields[] = {
    {.number = 1, .is_text = true}, {.number = 2, .is_signed = true}, {.number = 3, .most = 4}};
constexpr WireMessage kDescriptor = {kDescriptorFields};
constexpr WireField kDirectoryFields[] = {
    {.number = 1, .is_text = true}, {.number = 2}, {.number = 3}};
constexpr WireMessage kDirectory = {kDirectoryFields};
constexpr WireField kStageFields[] = {{.number = 1, .is_text = true},
                                      {.number = 2, .is_text = true}};
constexpr WireMessage kStage = {kStageFields};
constexpr WireField kLayerFields[] = {{.number = 1, .inner = &kDirectory},
                                      {.number = 2, .inner = &kDirectory},
                                      {.number = 3, .inner = &kDirectory},
                                      {.number = 4, .inner = &kDirectory}};
constexpr WireMessage kLayer = {kLayerFields};
constexpr WireField kNetworkFields[] = {{.number = 1, .is_text = true},
                                        {.number = 2, .is_text = true}};
constexpr WireMessage kNetwork = {kNetworkFields};
constexpr WireField kInterestFields[] = {{.number = 1, .is_text = true},
                                         {.number = 2, .is_text = true},
                                         {.number = 3, .is_text = true, .repeated = true}};
constexpr WireMessage kInterest = {kInterestFields};
constexpr WireField kCallerFields[] = {
    {.number = 1}, {.number = 2}, {.number = 3, .most = UINT32_MAX}};
constexpr WireMessage kCaller = {kCallerFields};
constexpr WireField kHandoffFields[] = {
    {.number = 1, .most = 1},  // the version
    {.number = 2},
    {.number = 3, .most = 2},
    {.number = 4, .inner = &kStage, .repeated = true},
    {.number = 5, .inner = &kDescriptor, .repeated = true},
    {.number = 6, .inner = &kCaller},
    {.number = 7, .inner = &kLayer, .repeated = true},
    {.number = 8, .inner = &kNetwork},
    {.number = 9, .inner = &kInterest, .repeated = true}};
constexpr WireMessage kHandoff = {kHandoffFields};

std::string Framed(absl::string_view body) {
  const auto size = static_cast<uint32_t>(body.size());
  std::string bytes("SBXH");
  bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
  bytes.append(body.data(), body.size());
  return bytes;
}

void CheckAccepted(const std::string& bytes, const Handoff& message) {
  CHECK(IsAsWritten(absl::string_view(bytes).substr(kFrame), kHandoff));
  const auto again = handoff::Encode(message, kPid);
  CHECK(again.ok());
  CHECK(*again == bytes);
  CHECK(message.version() == handoff::kVersion && message.writer_pid() == kPid);
  CHECK(message.stages_size() > 0);
  for (const Descriptor& descriptor : message.descriptors()) {
    CHECK(descriptor.number() > 2);
    CHECK(handoff::DescriptorNumber(message, descriptor.name()) == descriptor.number());
  }
  for (const auto& layer : message.layers()) {
    for (const Directory* d : {&layer.workdir(), &layer.upper(), &layer.work(), &layer.storage()}) {
      CHECK(!d->path().empty() && d->path()[0] == '/');
      CHECK(d->path().size() == strlen(d->path().c_str()));
    }
  }
  CHECK(!handoff::Decode(bytes, kPid + 1).ok());
  CHECK(!handoff::Decode(bytes.substr(0, bytes.size() - 1), kPid).ok());
  CHECK(!handoff::Decode(bytes + '\0', kPid).ok());
  handoff::CheckDescriptors(message).IgnoreError();  // most are not open
}

void Fill(Directory* directory, const char* path) {
  directory->set_path(path);
  directory->set_device(UINT64_MAX);
  directory->set_inode(0);
}

void AddDescriptor(Handoff& m, const char* name, int number, Descriptor::Kind kind) {
  Descriptor* descriptor = m.add_descriptors();
  descriptor->set_name(name);
  descriptor->set_number(number);
  descriptor->set_kind(kind);
}

Handoff Small() {
  Handoff m;
  m.add_stages()->set_tool("sandbox-cow");
  return m;
}

Handoff Full() {
  Handoff m = Small();
  m.set_mode(handoff::v1::MODE_STRICT);
  m.mutable_stages(0)->set_version("0.1.0");
  m.add_stages()->set_tool("sandbox-trace");
  AddDescriptor(m, "user", 3, Descriptor::KIND_NAMESPACE);
  AddDescriptor(m, "net", 4, Descriptor::KIND_NAMESPACE);
  AddDescriptor(m, "notify", 5, Descriptor::KIND_SOCKET);
  AddDescriptor(m, "log", INT32_MAX, Descriptor::KIND_FILE);
  AddDescriptor(m, "keeper", 300, Descriptor::KIND_PIDFD);
  m.mutable_caller()->set_blocked_signals(UINT64_MAX);
  m.mutable_caller()->set_ignored_signals(1);
  m.mutable_caller()->set_closed_stdio(7);
  handoff::v1::Layer* layer = m.add_layers();
  Fill(layer->mutable_workdir(), "/w");
  Fill(layer->mutable_upper(), "/u/x");
  Fill(layer->mutable_work(), "/");
  Fill(layer->mutable_storage(), "/s");
  m.mutable_network()->set_user_namespace("user");
  m.mutable_network()->set_net_namespace("net");
  handoff::v1::Interest* interest = m.add_interests();
  interest->set_tool("sandbox-trace");
  interest->set_socket("notify");
  interest->add_calls("open");
  interest->add_calls("exec");
  return m;
}

}  // namespace

bool RunOne(absl::string_view input) {
  if (input.empty()) return false;
  const absl::string_view rest = input.substr(1);
  const std::string bytes = input[0] == 0 ? std::string(rest) : Framed(rest);
  const auto message = handoff::Decode(bytes, kPid);
  if (message.ok()) CheckAccepted(bytes, *message);
  return message.ok();
}

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (const Handoff& message : {Small(), Full()}) {
    const std::string bytes = handoff::Encode(message, kPid).value();
    seeds.push_back('\0' + bytes);
    seeds.push_back('\1' + bytes.substr(kFrame));
  }
  return seeds;
}

}  // namespace sandbox::fuzz
