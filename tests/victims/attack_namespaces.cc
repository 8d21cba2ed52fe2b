// Namespaces and mounts.

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/victims/attacks.h"

namespace victims {
namespace {

long Flags(const char* text) { return strtol(text, nullptr, 0); }

Outcome OfChild(long pid) {
  if (pid == 0) _exit(0);
  const Outcome outcome = Outcome::Of(pid);
  if (pid > 0) waitpid(static_cast<pid_t>(pid), nullptr, 0);
  return outcome;
}

Outcome Unshare(char* const* args) { return Outcome::Of(syscall(SYS_unshare, Flags(args[0]))); }

Outcome Clone(char* const* args) {
  return OfChild(
      syscall(SYS_clone, Flags(args[0]) | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

// Its flags are in memory, where no filter sees them.
Outcome Clone3(char* const* args) {
  clone_args how = {};
  how.flags = static_cast<uint64_t>(Flags(args[0]));
  how.exit_signal = SIGCHLD;
  return OfChild(syscall(SYS_clone3, &how, sizeof(how)));
}

Outcome NewUserns(char* const*) { return Outcome::Of(unshare(CLONE_NEWUSER)); }

Outcome NewUsernsByClone(char* const*) {
  return OfChild(
      syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

// With a user namespace, without which only root may.
Outcome NewNetns(char* const*) {
  return unshare(CLONE_NEWNET) == 0 ? Outcome::Success()
                                    : Outcome::Of(unshare(CLONE_NEWUSER | CLONE_NEWNET));
}

// A mount namespace of its own where the caller may make one, so that the control changes nothing:
// who may not, may not mount either.
bool OwnMounts() {
  if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return true;
  return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

// A tmpfs over the current directory.
Outcome Mount(char* const*) {
  if (!OwnMounts()) return Outcome::Blocked(errno);
  return Outcome::Of(mount("none", ".", "tmpfs", 0, nullptr));
}

// The directory on the current one, to be written there.
Outcome BindMount(char* const* args) {
  if (!OwnMounts()) return Outcome::Blocked(errno);
  return Outcome::Of(mount(args[0], ".", nullptr, MS_BIND | MS_REC, nullptr));
}

Outcome RemountWritable(char* const* args) {
  if (!OwnMounts()) return Outcome::Blocked(errno);
  return Outcome::Of(mount(nullptr, args[0], nullptr, MS_REMOUNT | MS_BIND, nullptr));
}

Outcome OpenTree(char* const* args) {
  return Outcome::Of(syscall(SYS_open_tree, AT_FDCWD, args[0], 0));
}

Outcome FsOpen(char* const*) {
  if (!OwnMounts()) return Outcome::Blocked(errno);
  return Outcome::Of(syscall(SYS_fsopen, "tmpfs", 0));
}

// Who may is told that here it makes no sense.
Outcome PivotRoot(char* const*) {
  if (!OwnMounts()) return Outcome::Blocked(errno);
  const long result = syscall(SYS_pivot_root, ".", ".");
  return result != 0 && (errno == EINVAL || errno == EBUSY) ? Outcome::Success()
                                                            : Outcome::Of(result);
}

Outcome Chroot(char* const*) { return Outcome::Of(chroot(".")); }

// Joins what it is in already, which still takes the right to join; or what PID is in.
Outcome SetNs(char* const* args) {
  const std::string of = args[1] == nullptr ? "self" : args[1];
  const int fd = open(("/proc/" + of + "/ns/" + args[0]).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Outcome::Blocked(errno);
  return Outcome::Of(setns(fd, 0));
}

// What a layer is stored in, beside the directory that it is for; FALLBACK where there is none.
std::string FindLayer(char* const* args) {
  std::string found = args[1];
  DIR* const parent = opendir(args[0]);
  if (parent == nullptr) return found;
  while (const dirent* entry = readdir(parent)) {
    const std::string name = entry->d_name;
    if (name.starts_with(".sandbox-cow.")) found = args[0] + ("/" + name);
  }
  closedir(parent);
  return found;
}

// Lists the layer, or enters it.
Outcome RawLayer(char* const* args) {
  const std::string layer = FindLayer(args);
  const int fd = open((layer + "/upper").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) return Outcome::Success();
  return Outcome::Of(chdir((layer + "/upper").c_str()));
}

// With all rights over a user and mount namespace of its own, which the layer's mask was copied to.
Outcome UnmaskLayer(char* const* args) {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return Outcome::Blocked(errno);
  const std::string layer = FindLayer(args);
  umount2(layer.c_str(), MNT_DETACH);
  if (access((layer + "/upper").c_str(), F_OK) == 0) return Outcome::Success();
  mount(args[0], args[0], nullptr, MS_BIND, nullptr);  // without what is mounted beneath
  if (access((layer + "/upper").c_str(), F_OK) == 0) return Outcome::Success();
  mount(nullptr, layer.c_str(), nullptr, MS_REMOUNT | MS_BIND, nullptr);
  chmod(layer.c_str(), 0700);
  return Outcome::Of(access((layer + "/upper").c_str(), F_OK));
}

// The directory that the layer hides, by way of the real one's other names.
Outcome BeneathLayer(char* const* args) {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return Outcome::Blocked(errno);
  umount2(args[0], MNT_DETACH);
  const int fd = open((std::string(args[0]) + "/" + args[1]).c_str(), O_WRONLY | O_APPEND);
  if (fd < 0) return Outcome::Blocked(errno);
  return Outcome::Of(write(fd, "attack\n", 7));
}

constexpr Row kRows[] = {
    {"unshare", Unshare, 1, 1, "FLAGS"},
    {"clone", Clone, 1, 1, "FLAGS"},
    {"clone3", Clone3, 1, 1, "FLAGS"},
    {"new_userns", NewUserns, 0, 0, ""},
    {"new_userns_clone", NewUsernsByClone, 0, 0, ""},
    {"new_netns", NewNetns, 0, 0, ""},
    {"mount", Mount, 0, 0, ""},
    {"bind_mount", BindMount, 1, 1, "DIRECTORY"},
    {"remount_writable", RemountWritable, 1, 1, "MOUNT"},
    {"open_tree", OpenTree, 1, 1, "PATH"},
    {"fsopen", FsOpen, 0, 0, ""},
    {"pivot_root", PivotRoot, 0, 0, ""},
    {"chroot", Chroot, 0, 0, ""},
    {"setns", SetNs, 1, 2, "NAME [PID]"},
    {"raw_layer", RawLayer, 2, 2, "PARENT FALLBACK"},
    {"unmask_layer", UnmaskLayer, 2, 2, "PARENT FALLBACK"},
    {"beneath_layer", BeneathLayer, 2, 2, "WORKDIR NAME"},
};

}  // namespace

Table NamespaceAttacks() { return kRows; }

}  // namespace victims
