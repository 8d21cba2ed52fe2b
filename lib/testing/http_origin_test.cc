#include "lib/testing/http_origin.h"

#include <arpa/inet.h>
#include <csignal>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/fd/unique_fd.h"

namespace sandbox::testing {
namespace {

UniqueFd Connect(uint16_t port, int type) {
  UniqueFd fd(socket(AF_INET, type | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  EXPECT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  return fd;
}

std::string Get(uint16_t port, const std::string& path) {
  const UniqueFd fd = Connect(port, SOCK_STREAM);
  const std::string request = absl::StrCat("GET ", path, " HTTP/1.0\r\n\r\n");
  EXPECT_EQ(write(fd.get(), request.data(), request.size()), static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t size; (size = read(fd.get(), buffer, sizeof(buffer))) > 0;) {
    answer.append(buffer, static_cast<size_t>(size));
  }
  return answer;
}

TEST(HttpOrigin, ServesPagesAndCountsConnections) {
  const std::string large(1 << 20, 'x');
  const absl::StatusOr<HttpOrigin> origin =
      HttpOrigin::Start({{"/file", "content\n"}, {"/large", large}});
  ASSERT_TRUE(origin.ok()) << origin.status();
  EXPECT_EQ(origin->connections(), 0);
  const std::string answer = Get(origin->port(), "/file");
  EXPECT_EQ(answer.substr(0, 15), "HTTP/1.0 200 OK");
  EXPECT_EQ(answer.substr(answer.find("\r\n\r\n") + 4), "content\n");
  EXPECT_EQ(Get(origin->port(), "/other").substr(0, 12), "HTTP/1.0 404");
  EXPECT_NE(Get(origin->port(), "/large").find(large), std::string::npos);
  EXPECT_EQ(origin->connections(), 3);
  EXPECT_EQ(origin->datagrams(), 0);
}

TEST(HttpOrigin, SendsDatagramsBackAndCountsThem) {
  const absl::StatusOr<HttpOrigin> origin = HttpOrigin::Start({});
  ASSERT_TRUE(origin.ok()) << origin.status();
  const UniqueFd fd = Connect(origin->port(), SOCK_DGRAM);
  char byte = 'x';
  ASSERT_EQ(send(fd.get(), &byte, 1, 0), 1);
  byte = 'y';
  ASSERT_EQ(recv(fd.get(), &byte, 1, 0), 1);
  EXPECT_EQ(byte, 'x');
  EXPECT_EQ(origin->datagrams(), 1);
  EXPECT_EQ(origin->connections(), 0);
}

TEST(HttpOrigin, AnIdleConnectionHoldsUpNobody) {
  const absl::StatusOr<HttpOrigin> origin = HttpOrigin::Start({{"/", "x"}});
  ASSERT_TRUE(origin.ok()) << origin.status();
  const UniqueFd idle = Connect(origin->port(), SOCK_STREAM);
  EXPECT_EQ(Get(origin->port(), "/").back(), 'x');
  EXPECT_EQ(origin->connections(), 2);
}

TEST(HttpOrigin, TakesTheGivenPortAndEndsWithItsOwner) {
  uint16_t port = 0;
  pid_t pid = 0;
  {
    const absl::StatusOr<HttpOrigin> first = HttpOrigin::Start({});
    ASSERT_TRUE(first.ok()) << first.status();
    port = first->port();
    pid = first->pid();
    EXPECT_FALSE(HttpOrigin::Start({}, port).ok());
  }
  EXPECT_NE(kill(pid, 0), 0);
  const absl::StatusOr<HttpOrigin> second = HttpOrigin::Start({}, port);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->port(), port);
}

}  // namespace
}  // namespace sandbox::testing
