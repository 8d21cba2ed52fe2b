// http_get HOST PORT PATH   Prints what HTTP/1.0 GET gives, without the header.
//
// HOST is an address, or a name that is asked of the first nameserver of /etc/resolv.conf
// (127.0.0.1 without one) in one question for an A record: it is static and has no other resolver.
// Exits 1 for a status that is not 200, 2 when the name has no address, 3 when no connection is
// made, with a line on stderr.

#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <netinet/in.h>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/victims/outcome.h"

namespace {

void SetDeadline(int fd) {
  const timeval deadline = {.tv_sec = 30, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
}

sockaddr_in Address(in_addr host, int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr = host;
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

in_addr Nameserver() {
  in_addr found = {htonl(INADDR_LOOPBACK)};
  std::ifstream file("/etc/resolv.conf");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string key;
    std::string value;
    if (words >> key >> value && key == "nameserver" &&
        inet_pton(AF_INET, value.c_str(), &found) == 1) {
      break;
    }
  }
  return found;
}

std::string Question(const std::string& name) {
  std::string packet("\x2a\x2a\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
  std::istringstream labels(name);
  for (std::string label; std::getline(labels, label, '.');) {
    packet += static_cast<char>(label.size());
    packet += label;
  }
  return packet + std::string("\x00\x00\x01\x00\x01", 5);
}

// Skips a name at `at`: labels, ended by nothing or by a pointer.
size_t SkipName(const std::string& packet, size_t at) {
  while (at < packet.size()) {
    const auto length = static_cast<unsigned char>(packet[at]);
    if (length >= 0xc0) return at + 2;
    if (length == 0) return at + 1;
    at += length + 1u;
  }
  return at;
}

unsigned Short(const std::string& packet, size_t at) {
  if (at + 2 > packet.size()) return 0;
  return static_cast<unsigned>(static_cast<unsigned char>(packet[at]) << 8 |
                               static_cast<unsigned char>(packet[at + 1]));
}

bool FirstAddress(const std::string& packet, in_addr& host) {
  const unsigned answers = Short(packet, 6);
  size_t at = SkipName(packet, 12) + 4;
  for (unsigned i = 0; i < answers; ++i) {
    at = SkipName(packet, at);
    const unsigned type = Short(packet, at);
    const unsigned size = Short(packet, at + 8);
    if (type == 1 && size == 4 && at + 14 <= packet.size()) {
      memcpy(&host, packet.data() + at + 10, 4);
      return true;
    }
    at += 10 + size;
  }
  return false;
}

bool Resolve(const std::string& name, in_addr& host) {
  if (inet_pton(AF_INET, name.c_str(), &host) == 1) return true;
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  SetDeadline(fd);
  sockaddr_in server = Address(Nameserver(), 53);
  const std::string question = Question(name);
  std::string answer(4096, '\0');
  if (connect(fd, reinterpret_cast<sockaddr*>(&server), sizeof(server)) != 0) return false;
  if (send(fd, question.data(), question.size(), 0) < 0) return false;
  const ssize_t size = recv(fd, answer.data(), answer.size(), 0);
  close(fd);
  if (size < 12) return false;
  answer.resize(static_cast<size_t>(size));
  return FirstAddress(answer, host);
}

int Fail(int code, const char* what) {
  fprintf(stderr, "http_get: %s: %s\n", what, strerror(errno));
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return victims::kUsage;
  in_addr host = {};
  errno = 0;
  if (!Resolve(argv[1], host)) return Fail(2, "no address");
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Fail(3, "socket");
  SetDeadline(fd);
  sockaddr_in address = Address(host, atoi(argv[2]));
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    return Fail(3, "connect");
  }
  const std::string request =
      std::string("GET ") + argv[3] + " HTTP/1.0\r\nHost: " + argv[1] + "\r\n\r\n";
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) return Fail(3, "send");
  std::string answer;
  char buffer[1 << 16];
  ssize_t size = 0;
  while ((size = read(fd, buffer, sizeof(buffer))) > 0) {
    answer.append(buffer, static_cast<size_t>(size));
  }
  if (size < 0) return Fail(3, "read");
  const size_t body = answer.find("\r\n\r\n");
  if (body == std::string::npos) return Fail(1, "no header");
  fwrite(answer.data() + body + 4, 1, answer.size() - body - 4, stdout);
  return answer.compare(0, 5, "HTTP/") == 0 && answer.compare(8, 5, " 200 ") == 0 ? 0 : 1;
}
