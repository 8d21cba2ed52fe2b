// What the last process of a chain makes at once: the sum of what the stages declared.

#ifndef LIB_REALISE_PLAN_H_
#define LIB_REALISE_PLAN_H_

#include <cstdint>
#include <linux/filter.h>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "absl/time/time.h"
#include "lib/fd/unique_fd.h"
#include "lib/policy/denies.h"
#include "lib/proc/signals.h"
#include "lib/view/view.h"

namespace sandbox::realise {

// A directory by path and identity: it is opened again by path where it is used, in the new mount
// namespace, and must still be the same.
struct Directory {
  std::string path;
  uint64_t device = 0;
  uint64_t inode = 0;
};

// Writes beneath `workdir` go to `upper`; `storage`, which holds upper and work, is hidden.
struct Layer {
  Directory workdir;
  Directory upper;
  Directory work;
  Directory storage;
};

// A stage above that is told of system calls through its seqpacket socket.
struct Observer {
  std::string tool;
  UniqueFd socket;
  std::vector<std::string> calls;  // "open", "exec", "connect"
};

// Who may connect() to which unix sockets by path.
enum class UnixSockets {
  kOpen,      // as the namespaces and the view leave it
  kWritable,  // only those that the command could also write: the rest is the host's
  kInside,    // only those that were made in the chain's own network namespace
  kNone,      // no connect() at all: where no other socket exists either
  kNotMade,   // no unix socket is made but in pairs: where the network is the caller's
};

// The filter that the command gets, apart from what stages trap.
enum class Filter {
  kNone,      // a chain that only observes, or that has a layer only
  kNetwork,   // what makes the bridge the only way out; nothing else is refused
  kUnixOnly,  // the default filter, without network
  kInet,      // the default filter, with IPv4 and IPv6 sockets
};

// Namespaces of its own beside user, mount, pid and net.
struct Isolation {
  bool ipc = false;
  bool uts = false;
  bool cgroup = false;
  std::string hostname = "";  // needs uts; "": as it is
};

// How the command starts, apart from its rights.
struct Start {
  std::string directory;         // absolute: to be entered, or nothing is run; "": Plan::cwd
  std::vector<int> descriptors;  // kept beside 0 to 2: open, ascending, each once
  bool new_session = false;
  bool no_huge_pages = false;
  bool no_aslr = false;
};

// What the command may use up. The first four hold for each process but `processes`, which is of
// all together and needs `strict`, as `timeout` does.
struct Limits {
  std::optional<uint64_t> open_files;
  std::optional<uint64_t> file_size;      // bytes
  std::optional<uint64_t> address_space;  // bytes
  std::optional<uint64_t> processes;      // without ours
  std::optional<absl::Duration> timeout;  // then SIGTERM to the command
  absl::Duration kill_after;              // then SIGKILL to all
};

struct Plan {
  std::vector<std::string> argv;         // of the command, not empty
  std::vector<std::string> environment;  // "NAME=VALUE"
  std::string cwd;                       // absolute, of the caller

  // Namespaces. Without `strict` none is made, and only landlock, filter and observers are left.
  bool strict = true;
  Isolation isolation;
  bool own_net = false;  // a new one with nothing but lo
  UniqueFd user_namespace;  // prepared by netbridge, with net_namespace; else a new one
  UniqueFd net_namespace;
  std::vector<Layer> layers;
  bool has_view = false;
  view::Request view;

  // Rights of the command.
  bool landlock = false;  // to the grants of `view`
  bool no_core_dumps = false;
  // In the caller's network: TCP alone, by Landlock, which must know ports (ABI 4).
  bool tcp_only = false;
  std::vector<uint16_t> connect_tcp;
  std::vector<uint16_t> bind_tcp;
  UnixSockets unix_sockets = UnixSockets::kOpen;
  std::vector<std::string> reachable_sockets;  // resolved; whatever unix_sockets says
  policy::Denies denies;  // to be enforced call by call; needs `strict`
  Filter filter = Filter::kNone;
  // In place of the prebuilt default filter, where the user has calls of it back; empty: prebuilt.
  std::vector<sock_filter> default_filter;
  // The user's own, put on last before exec: it may deny what the set-up needs. Empty: none.
  std::vector<sock_filter> user_filter;
  std::vector<Observer> observers;

  bool check_only = false;  // make it, report it, run nothing

  // The command's start.
  Start start;
  Limits limits;
  proc::SignalState signals;
  uint32_t closed_stdio = 0;  // bit n: the caller had descriptor n closed
  pid_t outer = 0;            // the keeper above
};

}  // namespace sandbox::realise

#endif  // LIB_REALISE_PLAN_H_
