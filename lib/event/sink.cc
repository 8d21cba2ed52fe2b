#include "lib/event/sink.h"

#include <string>

#include "lib/base/raw_io_signal_safe.h"

namespace sandbox::event {

void Sink::Write(JsonRecord record) {
  if (!fd_.ok()) return;
  const std::string line = std::move(record).Line();
  if (WriteAllSignalSafe(fd_.get(), line.data(), line.size()) != 0) ++lost_;
}

}  // namespace sandbox::event
