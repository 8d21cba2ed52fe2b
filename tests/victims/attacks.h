// The attacks, one function each. `args` are the words after the attack's name, as many as the
// table in attack.cc says, and a null pointer for each optional one that is missing.

#ifndef TESTS_VICTIMS_ATTACKS_H_
#define TESTS_VICTIMS_ATTACKS_H_

#include "tests/victims/outcome.h"

namespace victims {

using Attack = Outcome (*)(char* const* args);

// Files (attack_files.cc).
Outcome Read(char* const* args);
Outcome Write(char* const* args);
Outcome Chmod(char* const* args);
Outcome Utimes(char* const* args);
Outcome SetXattr(char* const* args);
Outcome Truncate(char* const* args);
Outcome Unlink(char* const* args);
Outcome Link(char* const* args);
Outcome Rename(char* const* args);
Outcome ProcRoot(char* const* args);
Outcome SymlinkOut(char* const* args);
Outcome InheritedFd(char* const* args);
Outcome Mount(char* const* args);
Outcome Chroot(char* const* args);

// Network and sockets (attack_net.cc).
Outcome Tcp(char* const* args);
Outcome Udp(char* const* args);
Outcome Dns(char* const* args);
Outcome Mptcp(char* const* args);
Outcome TcpFastOpen(char* const* args);
Outcome Unix(char* const* args);
Outcome UnixDgram(char* const* args);
Outcome UnixDgramPair(char* const* args);
Outcome Abstract(char* const* args);
Outcome Vsock(char* const* args);
Outcome NetlinkDiag(char* const* args);
Outcome Raw(char* const* args);
Outcome Packet(char* const* args);

// Other processes (attack_processes.cc).
Outcome Signal(char* const* args);
Outcome Ptrace(char* const* args);
Outcome ProcessVmReadv(char* const* args);
Outcome ProcMem(char* const* args);
Outcome PidfdGetfd(char* const* args);
Outcome Prlimit(char* const* args);
Outcome SetuidExec(char* const* args);
Outcome Daemon(char* const* args);
Outcome Tiocsti(char* const* args);
Outcome TiocstiHigh(char* const* args);

// Ways into the kernel (attack_kernel.cc).
Outcome NewUserns(char* const* args);
Outcome NewUsernsByClone(char* const* args);
Outcome NewNetns(char* const* args);
Outcome IoUring(char* const* args);
Outcome Int80(char* const* args);
Outcome X32(char* const* args);
Outcome Keyctl(char* const* args);
Outcome SecondListener(char* const* args);
Outcome Bpf(char* const* args);
Outcome PerfEvent(char* const* args);

// Runs `attack` in a child and gives its outcome, or the signal that it died of.
Outcome InChild(Attack attack, char* const* args);

}  // namespace victims

#endif  // TESTS_VICTIMS_ATTACKS_H_
