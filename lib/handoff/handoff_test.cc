#include "lib/handoff/handoff.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>

#include "gtest/gtest.h"
#include "lib/fd/memfd.h"

namespace sandbox::handoff {
namespace {

constexpr pid_t kPid = 4711;

Handoff Sample() {
  Handoff m;
  m.add_stages()->set_tool("sandbox-cow");
  v1::Layer* layer = m.add_layers();
  for (v1::Directory* d : {layer->mutable_workdir(), layer->mutable_upper(), layer->mutable_work(),
                           layer->mutable_storage()}) {
    d->set_path("/x");
    d->set_device(1);
    d->set_inode(2);
  }
  return m;
}

std::string Encoded() { return Encode(Sample(), kPid).value(); }

TEST(Handoff, RoundTripKeepsItsContent) {
  const auto m = Decode(Encoded(), kPid);
  ASSERT_TRUE(m.ok()) << m.status();
  EXPECT_EQ(m->stages(0).tool(), "sandbox-cow");
  EXPECT_EQ(m->layers(0).workdir().inode(), 2u);
}

TEST(Handoff, IsRefusedWhenTruncatedAtAnyByte) {
  const std::string bytes = Encoded();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Decode(bytes.substr(0, size), kPid).ok()) << size;
  }
}

TEST(Handoff, IsRefusedForAnotherProcess) {
  EXPECT_FALSE(Decode(Encoded(), kPid + 1).ok());
}

TEST(Handoff, IsRefusedWithAnUnknownFieldAtAnyDepth) {
  const std::string kField99("\x98\x06\x01", 3);  // a varint
  Handoff outer = Sample();
  outer.mutable_unknown_fields()->append(kField99);
  EXPECT_FALSE(Encode(outer, kPid).ok());
  Handoff inner = Sample();
  inner.mutable_layers(0)->mutable_upper()->mutable_unknown_fields()->append(kField99);
  EXPECT_FALSE(Encode(inner, kPid).ok());
}

struct BadForm {
  const char* name;
  std::function<void(Handoff&)> spoil;
};

TEST(Handoff, IsRefusedWhenItsFormIsWrong) {
  const BadForm kForms[] = {
      {"no stage", [](Handoff& m) { m.clear_stages(); }},
      {"stage twice", [](Handoff& m) { m.add_stages()->set_tool("sandbox-cow"); }},
      {"relative directory",
       [](Handoff& m) { m.mutable_layers(0)->mutable_upper()->set_path("x"); }},
      {"directory without identity",
       [](Handoff& m) { m.mutable_layers(0)->mutable_work()->clear_inode(); }},
      {"interest without socket", [](Handoff& m) { m.add_interests()->set_socket("none"); }},
      {"network without namespaces", [](Handoff& m) { m.mutable_network(); }},
      {"descriptor on stdio",
       [](Handoff& m) {
         v1::Descriptor* d = m.add_descriptors();
         d->set_name("a");
         d->set_number(2);
         d->set_kind(v1::Descriptor::KIND_FILE);
       }},
      {"interest whose socket is a file",
       [](Handoff& m) {
         v1::Descriptor* d = m.add_descriptors();
         d->set_name("a");
         d->set_number(5);
         d->set_kind(v1::Descriptor::KIND_FILE);
         m.add_interests()->set_socket("a");
       }},
      {"descriptor without kind",
       [](Handoff& m) {
         v1::Descriptor* d = m.add_descriptors();
         d->set_name("a");
         d->set_number(5);
       }},
  };
  for (const BadForm& form : kForms) {
    Handoff m = Sample();
    form.spoil(m);
    EXPECT_FALSE(Encode(m, kPid).ok()) << form.name;
  }
}

std::string Framed(const std::string& body) {
  const auto size = static_cast<uint32_t>(body.size());
  return "SBXH" + std::string(reinterpret_cast<const char*>(&size), 4) + body;
}

TEST(Handoff, IsRefusedInAnotherVersion) {
  Handoff m = Sample();
  m.set_version(2);
  m.set_writer_pid(kPid);
  const auto read = Decode(Framed(m.SerializeAsString()), kPid);
  EXPECT_NE(std::string(read.status().message()).find("version 2"), std::string::npos);
}

TEST(Handoff, IsRefusedInAFormThatNobodyWrites) {
  const std::string body = Encoded().substr(8);
  ASSERT_TRUE(Decode(Framed(body), kPid).ok());
  ASSERT_EQ(body.substr(0, 2), std::string("\x08\x01", 2));  // version 1
  EXPECT_FALSE(Decode(Framed(body + body.substr(0, 2)), kPid).ok()) << "a field twice";
  EXPECT_FALSE(Decode(Framed(body.substr(2) + body.substr(0, 2)), kPid).ok()) << "another order";
  EXPECT_FALSE(Decode(Framed(std::string("\x08\x81\x00", 3) + body.substr(2)), kPid).ok())
      << "a number with zeros in front";
}

TEST(Handoff, ReadsOnlySealedMemoryFiles) {
  const auto fd = Write(Sample(), kPid);
  ASSERT_TRUE(fd.ok());
  EXPECT_TRUE(Read(fd->get(), kPid).ok());
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(Read(null.get(), kPid).ok());
  const auto large = MakeSealedMemfd("x", std::string(kMaxBytes + 1, 'x'));
  ASSERT_TRUE(large.ok());
  EXPECT_FALSE(Read(large->get(), kPid).ok());
}

TEST(Handoff, ChecksThatDescriptorsAreOpenAndOfTheirKind) {
  const UniqueFd socket_fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  Handoff m = Sample();
  v1::Descriptor* d = m.add_descriptors();
  d->set_name("s");
  d->set_number(socket_fd.get());
  d->set_kind(v1::Descriptor::KIND_SOCKET);
  EXPECT_TRUE(CheckDescriptors(m).ok());
  d->set_kind(v1::Descriptor::KIND_NAMESPACE);
  EXPECT_FALSE(CheckDescriptors(m).ok());
  d->set_number(1000000);
  EXPECT_FALSE(CheckDescriptors(m).ok());
}

}  // namespace
}  // namespace sandbox::handoff
