#include "lib/testing/features.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/raw_io_signal_safe.h"
#include "lib/base/status.h"
#include "lib/fd/unique_fd.h"
#include "lib/testing/files.h"
#include "lib/testing/unprivileged.h"

namespace sandbox::testing {
namespace {

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif
constexpr unsigned kLandlockCreateRulesetVersion = 1;

// Runs `probe` in a child; its Status comes back with code, errno and message.
absl::Status InChild(absl::Status (*probe)(const std::string&), const std::string& argument) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoError(errno, "pipe2");
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) return ErrnoError(errno, "fork");
  if (pid == 0) {
    const absl::Status status = probe(argument);
    const int err = GetErrno(status);
    const std::string record(status.message());
    WriteAllSignalSafe(writing.get(), &err, sizeof(err));
    WriteAllSignalSafe(writing.get(), record.data(), record.size());
    _exit(status.ok() ? 0 : 1);
  }
  writing.reset();
  char text[512];
  int err = 0;
  const ptrdiff_t size = ReadAllSignalSafe(reading.get(), text, sizeof(text), &err);
  int raw = 0;
  while (waitpid(pid, &raw, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(raw) && WEXITSTATUS(raw) == 0) return absl::OkStatus();
  if (size < static_cast<ptrdiff_t>(sizeof(err))) return absl::InternalError("the probe died");
  __builtin_memcpy(&err, text, sizeof(err));
  return Annotate(ErrnoError(err, "probe"),
                  absl::string_view(text + sizeof(err), static_cast<size_t>(size) - sizeof(err)));
}

// unshare with a map of the caller to root; as in a sandbox of an ordinary user.
absl::Status EnterNamespaces(int more) {
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  if (unshare(CLONE_NEWUSER | more) != 0) return ErrnoError(errno, "unshare(CLONE_NEWUSER)");
  RETURN_IF_ERROR(WriteFile("/proc/self/setgroups", "deny"));
  RETURN_IF_ERROR(WriteFile("/proc/self/uid_map", absl::StrCat("0 ", uid, " 1")));
  return WriteFile("/proc/self/gid_map", absl::StrCat("0 ", gid, " 1"));
}

absl::Status EnterMountNamespace() {
  RETURN_IF_ERROR(EnterNamespaces(CLONE_NEWNS));
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return ErrnoError(errno, "mount(MS_PRIVATE)");
  }
  return absl::OkStatus();
}

absl::Status ProbeUserNamespace(const std::string& dir) {
  RETURN_IF_ERROR(EnterMountNamespace());
  const int result = mount("none", dir.c_str(), "tmpfs", 0, nullptr);
  return result == 0 ? absl::OkStatus() : ErrnoError(errno, "mount(tmpfs)");
}

absl::Status ProbeOverlay(const std::string& dir) {
  for (const absl::string_view name : {"lower", "upper", "work", "merged"}) {
    if (mkdir(absl::StrCat(dir, "/", name).c_str(), 0700) != 0) return ErrnoError(errno, "mkdir");
  }
  RETURN_IF_ERROR(WriteFile(absl::StrCat(dir, "/lower/changed"), "old"));
  RETURN_IF_ERROR(WriteFile(absl::StrCat(dir, "/lower/removed"), "old"));
  RETURN_IF_ERROR(EnterMountNamespace());
  const std::string merged = absl::StrCat(dir, "/merged");
  const std::string options = absl::StrCat("userxattr,lowerdir=", dir, "/lower,upperdir=", dir,
                                           "/upper,workdir=", dir, "/work");
  if (mount("overlay", merged.c_str(), "overlay", 0, options.c_str()) != 0) {
    return ErrnoError(errno, "mount(overlay)");
  }
  RETURN_IF_ERROR(WriteFile(absl::StrCat(merged, "/changed"), "new"));
  if (unlink(absl::StrCat(merged, "/removed").c_str()) != 0) return ErrnoError(errno, "unlink");
  if (umount2(merged.c_str(), MNT_DETACH) != 0) return ErrnoError(errno, "umount2");
  return absl::OkStatus();
}

absl::Status ProbeNotify(const std::string&) {
  const sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter = {.len = 4, .filter = const_cast<sock_filter*>(program)};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return ErrnoError(errno, "prctl");
  const UniqueFd listener(static_cast<int>(
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter)));
  if (!listener.ok()) return ErrnoError(errno, "seccomp(NEW_LISTENER)");
  const pid_t caller = fork();
  if (caller < 0) return ErrnoError(errno, "fork");
  if (caller == 0) _exit(syscall(SYS_getppid) == 4242 ? 0 : 1);
  // Larger than any size that SECCOMP_GET_NOTIF_SIZES has had, and cleared.
  alignas(seccomp_notif) char request[512] = {};
  if (ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_RECV, request) != 0) {
    return ErrnoError(errno, "ioctl(NOTIF_RECV)");
  }
  alignas(seccomp_notif_resp) char answer[512] = {};
  seccomp_notif_resp response = {};
  __builtin_memcpy(&response.id, request, sizeof(response.id));
  response.val = 4242;
  __builtin_memcpy(answer, &response, sizeof(response));
  if (ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_SEND, answer) != 0) {
    return ErrnoError(errno, "ioctl(NOTIF_SEND)");
  }
  int raw = 0;
  if (waitpid(caller, &raw, 0) != caller || raw != 0) return absl::InternalError("a wrong answer");
  return absl::OkStatus();
}

absl::Status ProbeNetNamespace(const std::string&) {
  RETURN_IF_ERROR(EnterNamespaces(CLONE_NEWNET));
  const UniqueFd server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!server.ok()) return ErrnoError(errno, "socket");
  ifreq request = {};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP;
  if (ioctl(server.get(), SIOCSIFFLAGS, &request) != 0) {
    return ErrnoError(errno, "ioctl(SIOCSIFFLAGS)");
  }
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(1);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (bind(server.get(), name, sizeof(address)) != 0) return ErrnoError(errno, "bind");
  if (listen(server.get(), 1) != 0) return ErrnoError(errno, "listen");
  const UniqueFd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(client.get(), name, sizeof(address)) != 0) return ErrnoError(errno, "connect");
  return absl::OkStatus();
}

absl::Status ProbePidNamespace(const std::string&) {
  RETURN_IF_ERROR(EnterNamespaces(CLONE_NEWPID));
  const pid_t child = fork();
  if (child < 0) return ErrnoError(errno, "fork");
  if (child == 0) _exit(getpid() == 1 ? 0 : 1);
  int raw = 0;
  if (waitpid(child, &raw, 0) != child || raw != 0) return absl::InternalError("not pid 1");
  return absl::OkStatus();
}

absl::Status ProbeOrdinaryUser(const std::string&) {
  if (!IsRoot()) return absl::OkStatus();
  const Result result = RunCommand(AsOrdinaryUser({.argv = {"true"}}));
  if (!result.error.ok()) return result.error;
  return result.Exited(0) ? absl::OkStatus() : absl::InternalError(result.Describe());
}

absl::Status ProbeIn(absl::Status (*probe)(const std::string&)) {
  ASSIGN_OR_RETURN(const TempDir dir, TempDir::Make("probe"));
  return InChild(probe, dir.path());
}

}  // namespace

absl::string_view Name(Feature feature) {
  switch (feature) {
    case Feature::kUserNamespace: return "userns";
    case Feature::kOverlay: return "overlay";
    case Feature::kNotify: return "notify";
    case Feature::kLandlock: return "landlock";
    case Feature::kNetNamespace: return "netns";
    case Feature::kPidNamespace: return "pidns";
    case Feature::kSwitchUser: return "user";
  }
  return "";
}

absl::Status Probe(Feature feature) {
  switch (feature) {
    case Feature::kUserNamespace: return ProbeIn(ProbeUserNamespace);
    case Feature::kOverlay: return ProbeIn(ProbeOverlay);
    case Feature::kNotify: return InChild(ProbeNotify, "");
    case Feature::kLandlock:
      return LandlockAbi() > 0 ? absl::OkStatus() : absl::UnimplementedError("no Landlock");
    case Feature::kNetNamespace: return InChild(ProbeNetNamespace, "");
    case Feature::kPidNamespace: return InChild(ProbePidNamespace, "");
    case Feature::kSwitchUser: return InChild(ProbeOrdinaryUser, "");
  }
  return absl::InvalidArgumentError("no such feature");
}

int LandlockAbi() {
  const long version =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, kLandlockCreateRulesetVersion);
  return version > 0 ? static_cast<int>(version) : 0;
}

bool Required(Feature feature) {
  const char* list = getenv("SANDBOX_TEST_REQUIRE");
  if (list == nullptr) return false;
  for (const absl::string_view name : absl::StrSplit(list, ',')) {
    if (name == Name(feature)) return true;
  }
  return false;
}

}  // namespace sandbox::testing
