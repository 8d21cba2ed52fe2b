#include "gtest/gtest.h"
#include "lib/net/address.h"
#include "lib/net/dns.h"
#include "lib/net/names.h"
#include "lib/net/rule.h"

namespace sandbox::net {
namespace {

TEST(ParseRule, TakesNamesAndLiterals) {
  EXPECT_EQ(ParseRule("API.Example.com.:443")->name, "api.example.com");
  EXPECT_EQ(ParseRule("tcp://origin.test:8080")->port, 8080);
  EXPECT_EQ(ToString(*ParseRule("127.0.0.1:80")->literal), "127.0.0.1");
  EXPECT_EQ(ToString(*ParseRule("[::1]:80")->literal), "::1");
}

TEST(ParseRule, RefusesWhatIsNotExactlyATarget) {
  for (const char* bad :
       {"", ":80", "host", "host:", "host:0", "host:65536", "host:+80", "host:8 0", "host:080000",
        "127.1:80", "0x7f.1:80", "2130706433:80", "0177.0.0.1:80", "::1:80", "[127.0.0.1]:80",
        "[::1]", "*.x.com:80", "a@b:80", "a b:80", "a..b:80", ".a:80", "-a:80", "a-:80", "a/b:80",
        "http://a:80", "a\n:80", "1.2.3.4.5:80", "[fe80::1%lo]:80"}) {
    EXPECT_FALSE(ParseRule(bad).ok()) << bad;
  }
  EXPECT_FALSE(ParseRule(std::string(64, 'a') + ".com:80").ok());
}

TEST(ParseResolution, TakesOnlyLiterals) {
  EXPECT_EQ(ParseResolution("A.test=10.0.0.1")->name, "a.test");
  EXPECT_FALSE(ParseResolution("a.test=b.test").ok());
  EXPECT_FALSE(ParseResolution("a.test").ok());
}

TEST(IsPublic, KnowsTheSpecialBlocks) {
  for (const char* text : {"1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111"}) {
    EXPECT_TRUE(IsPublic(*ParseAddress(text))) << text;
  }
  for (const char* text :
       {"0.0.0.0", "127.0.0.1", "10.1.2.3", "172.31.255.255", "192.168.0.1", "169.254.169.254",
        "100.64.0.1", "198.19.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
        "fc00::1", "ff02::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002::1", "2001:db8::1"}) {
    EXPECT_FALSE(IsPublic(*ParseAddress(text))) << text;
  }
}

std::string Query(const std::string& name, uint16_t type) {
  std::string q("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
  size_t start = 0;
  while (start <= name.size()) {
    const size_t dot = std::min(name.find('.', start), name.size());
    q.push_back(static_cast<char>(dot - start));
    q += name.substr(start, dot - start);
    start = dot + 1;
  }
  q.push_back('\0');
  q.push_back(static_cast<char>(type >> 8));
  q.push_back(static_cast<char>(type & 0xff));
  return q + std::string("\x00\x01", 2);
}

int Code(const std::string& answer) { return answer[3] & 0x0f; }
int Answers(const std::string& answer) { return answer[7]; }

TEST(AnswerQuery, GivesAllowedNamesTheirOwnAddresses) {
  Names names;
  const auto pair = names.Allot("origin.test");
  ASSERT_TRUE(pair.ok());
  const std::string a = AnswerQuery(Query("ORIGIN.test", 1), names);
  EXPECT_EQ(a.substr(0, 2), "\x12\x34");
  EXPECT_EQ(Code(a), 0);
  EXPECT_EQ(Answers(a), 1);
  EXPECT_EQ(a.substr(a.size() - 4), std::string("\xc6\x12\x00\x02", 4));
  EXPECT_EQ(Answers(AnswerQuery(Query("origin.test", 28), names)), 1);
  const std::string mx = AnswerQuery(Query("origin.test", 15), names);
  EXPECT_EQ(Code(mx), 0);
  EXPECT_EQ(Answers(mx), 0);
}

TEST(AnswerQuery, KnowsNoOtherName) {
  Names names;
  ASSERT_TRUE(names.Allot("origin.test").ok());
  for (const char* name : {"evil.test", "xorigin.test", "origin.test.evil", "test", "a.origin.test"}) {
    EXPECT_EQ(Code(AnswerQuery(Query(name, 1), names)), 3) << name;
  }
}

TEST(AnswerQuery, SurvivesEveryCutAndFlip) {
  Names names;
  ASSERT_TRUE(names.Allot("origin.test").ok());
  const std::string query = Query("origin.test", 1);
  for (size_t size = 0; size < query.size(); ++size) {
    const std::string answer = AnswerQuery(query.substr(0, size), names);
    EXPECT_TRUE(answer.empty() || Code(answer) == 1) << size;
  }
  for (size_t at = 0; at < query.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = query;
      flipped[at] = static_cast<char>(flipped[at] ^ 1 << bit);
      AnswerQuery(flipped, names);
    }
  }
}

TEST(Names, AllotsEachNameAnAddressOfItsOwn) {
  Names names;
  const auto a = names.Allot("a");
  const auto b = names.Allot("b");
  EXPECT_NE(a->v4, b->v4);
  EXPECT_NE(a->v6, b->v6);
  EXPECT_EQ(names.Allot("a")->v4, a->v4);
  EXPECT_FALSE(names.Find("c").has_value());
}

}  // namespace
}  // namespace sandbox::net
