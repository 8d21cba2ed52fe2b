#include "lib/mediate/order.h"

#include <cstring>

#include "absl/status/status.h"

namespace sandbox::mediate {
namespace {

struct Header {
  uint64_t id;
  uint64_t arguments[6];
  int32_t call;
  int32_t process;
  int32_t thread;
  uint32_t umask;
  uint32_t has_terminal;
  uint32_t sizes[4];
};

}  // namespace

std::string Encode(const Order& order) {
  const std::string* const parts[] = {&order.path, &order.path2, &order.text, &order.bytes};
  Header header = {.id = order.id,
                   .arguments = {},
                   .call = order.call,
                   .process = order.process,
                   .thread = order.thread,
                   .umask = order.umask,
                   .has_terminal = order.has_terminal,
                   .sizes = {}};
  memcpy(header.arguments, order.arguments, sizeof header.arguments);
  for (int i = 0; i < 4; ++i) header.sizes[i] = static_cast<uint32_t>(parts[i]->size());
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  for (const std::string* part : parts) bytes += *part;
  return bytes;
}

absl::StatusOr<Order> Decode(absl::string_view bytes) {
  Header header;
  if (bytes.size() < sizeof header) return absl::InvalidArgumentError("order is cut");
  memcpy(&header, bytes.data(), sizeof header);
  bytes.remove_prefix(sizeof header);
  Order order;
  order.id = header.id;
  order.call = header.call;
  order.process = header.process;
  order.thread = header.thread;
  order.umask = header.umask;
  order.has_terminal = header.has_terminal != 0;
  memcpy(order.arguments, header.arguments, sizeof order.arguments);
  std::string* const parts[] = {&order.path, &order.path2, &order.text, &order.bytes};
  for (int i = 0; i < 4; ++i) {
    if (bytes.size() < header.sizes[i]) return absl::InvalidArgumentError("order is cut");
    parts[i]->assign(bytes.data(), header.sizes[i]);
    bytes.remove_prefix(header.sizes[i]);
  }
  if (!bytes.empty()) return absl::InvalidArgumentError("order is too long");
  return order;
}

}  // namespace sandbox::mediate
