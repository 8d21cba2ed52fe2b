#include "lib/event/json.h"

#include "gtest/gtest.h"

namespace sandbox::event {
namespace {

TEST(JsonRecord, WritesFieldsInOrder) {
  JsonRecord process;
  process.Add("pid", 7);
  JsonRecord record;
  record.Add("kind", "event").Add("ok", true).Add("n", int64_t{-5}).Add("process", process);
  record.Add("argv", std::vector<std::string>{"a", "b\"c"});
  EXPECT_EQ(std::move(record).Line(),
            "{\"kind\":\"event\",\"ok\":true,\"n\":-5,\"process\":{\"pid\":7},"
            "\"argv\":[\"a\",\"b\\\"c\"]}\n");
}

TEST(JsonString, EscapesControlsAndKeepsUtf8) {
  EXPECT_EQ(JsonString(absl::string_view("a\n\x1b\0z", 5)), "\"a\\u000a\\u001b\\u0000z\"");
  EXPECT_EQ(JsonString("\xc3\xa4\xf0\x9f\x98\x80"), "\"\xc3\xa4\xf0\x9f\x98\x80\"");
}

TEST(JsonString, MakesInvalidBytesLoneSurrogates) {
  EXPECT_EQ(JsonString("\xff"), "\"\\udcff\"");
  EXPECT_EQ(JsonString("\xc3"), "\"\\udcc3\"");              // cut
  EXPECT_EQ(JsonString("\xc0\xaf"), "\"\\udcc0\\udcaf\"");   // overlong
  EXPECT_EQ(JsonString("\xed\xa0\x80"), "\"\\udced\\udca0\\udc80\"");  // a surrogate
}

}  // namespace
}  // namespace sandbox::event
