// A small server on the host's loopback: the world outside, as tests have it.

#ifndef LIB_TESTING_HTTP_ORIGIN_H_
#define LIB_TESTING_HTTP_ORIGIN_H_

#include <cstdint>
#include <map>
#include <string>
#include <sys/types.h>

#include "absl/status/statusor.h"

namespace sandbox::testing {

// A process that answers HTTP GET at 127.0.0.1 and sends every UDP datagram to the same port back.
// It counts who came, so that a test can show that nobody did. Stopped by the destructor; dies with
// the test. Move-only.
class HttpOrigin {
 public:
  // Serves `pages`, by path ("/file"); anything else is 404. Port 0: one that is free for both TCP
  // and UDP. It listens when this returns. The caller is single-threaded.
  static absl::StatusOr<HttpOrigin> Start(const std::map<std::string, std::string>& pages,
                                          uint16_t port = 0);

  HttpOrigin(HttpOrigin&& other) noexcept;
  HttpOrigin& operator=(HttpOrigin&&) = delete;
  ~HttpOrigin();

  uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }

  // TCP connections accepted, and UDP datagrams received. A connection counts when connect() has
  // returned and something was read from it, at the latest.
  int connections() const;
  int datagrams() const;

 private:
  struct Counters;

  HttpOrigin() = default;

  pid_t pid_ = -1;
  uint16_t port_ = 0;
  Counters* counters_ = nullptr;  // shared with the process
};

}  // namespace sandbox::testing

#endif  // LIB_TESTING_HTTP_ORIGIN_H_
