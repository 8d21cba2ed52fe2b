"""What the kernel and the user of this test have, found out by other means than the attacks."""

import ctypes
import errno
import functools
import gzip
import os
import subprocess

LIBC = ctypes.CDLL(None, use_errno=True)


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def setting(path, *good):
    return read(f"/proc/sys/{path}").strip() in good


def is_root():
    return os.geteuid() == 0


def has_call(number):
    """Whether the kernel knows a system call, which is told by bad arguments."""
    LIBC.syscall(number, -1, None, -1, None, 0, 0)
    return ctypes.get_errno() != errno.ENOSYS


@functools.cache
def configured(option):
    for path in ("/proc/config.gz", f"/boot/config-{os.uname().release}"):
        try:
            with (gzip.open if path.endswith("gz") else open)(path, "rt") as file:
                return f"{option}=y\n" in file.read()
        except OSError:
            continue
    return False


@functools.cache
def makes_namespaces():
    return subprocess.run(["unshare", "-Urmn", "mount", "-t", "tmpfs", "none", "/tmp"],
                          check=False, capture_output=True).returncode == 0


def has_protocol(name):
    return any(line.startswith(name + " ") for line in read("/proc/net/protocols").splitlines())


# name: whether it is here, and what to say when not.
FEATURES = {
    "root": (is_root, "takes root"),
    "user": (lambda: not is_root() or os.path.exists("/usr/bin/setpriv"), "takes an ordinary user"),
    "userns": (makes_namespaces, "no user namespaces"),
    "ipv6": (lambda: os.path.exists("/proc/net/if_inet6"), "no IPv6"),
    "mptcp": (lambda: setting("net/mptcp/enabled", "1"), "no MPTCP"),
    "fastopen": (lambda: setting("net/ipv4/tcp_fastopen", "1", "3"), "no TCP fast open"),
    "udplite": (lambda: has_protocol("UDP-Lite"), "no UDP-Lite"),
    "vsock": (lambda: has_protocol("AF_VSOCK"), "no vsock"),
    "packet": (lambda: is_root() and has_protocol("PACKET"), "takes root and AF_PACKET"),
    "tiocsti": (lambda: is_root() or not os.path.exists("/proc/sys/dev/tty/legacy_tiocsti")
                or setting("dev/tty/legacy_tiocsti", "1"), "the kernel refuses TIOCSTI"),
    "io_uring": (lambda: has_call(425) and not setting("kernel/io_uring_disabled", "1", "2"),
                 "no io_uring"),
    "int80": (lambda: configured("CONFIG_IA32_EMULATION"), "no 32-bit entry"),
    "x32": (lambda: configured("CONFIG_X86_X32_ABI"), "no x32"),
    "keys": (lambda: os.path.exists("/proc/keys"), "no keyrings"),
    "bpf": (lambda: has_call(321) and (is_root() or setting("kernel/unprivileged_bpf_disabled", "0")),
            "no bpf()"),
    "perf": (lambda: is_root() or setting("kernel/perf_event_paranoid", "-1", "0", "1", "2"),
             "no perf events"),
    "userfaultfd": (lambda: has_call(323), "no userfaultfd"),
    "ptrace": (lambda: is_root() or not os.path.exists("/proc/sys/kernel/yama/ptrace_scope")
               or setting("kernel/yama/ptrace_scope", "0"), "Yama allows only parents to trace"),
    "ldt": (lambda: has_call(154), "no modify_ldt()"),
    "ports": (lambda: has_call(172) and has_call(173), "no I/O ports"),
    "modules": (lambda: is_root() and setting("kernel/modules_disabled", "0"), "takes root and modules"),
    "sysvipc": (lambda: os.path.exists("/proc/sysvipc"), "no System V IPC"),
    "mqueue": (lambda: os.path.exists("/proc/sys/fs/mqueue"), "no POSIX queues"),
    "fchmodat2": (lambda: has_call(452), "no fchmodat2()"),
    "setxattrat": (lambda: has_call(463), "no setxattrat()"),
    "file_setattr": (lambda: has_call(469), "no file_setattr()"),
    "dmesg": (lambda: is_root() or setting("kernel/dmesg_restrict", "0"), "takes root"),
    "setuid": (lambda: os.path.exists("/usr/bin/mount") and os.stat("/usr/bin/mount").st_mode & 0o4000 != 0,
               "no set-user-ID program"),
}


def lacking(names):
    """The reason why a row that needs these is void, or None; a path must be there, to be written."""
    missing = [FEATURES[name][1] for name in names if name in FEATURES and not FEATURES[name][0]()]
    missing += [f"no {name}" for name in names if name.startswith("/") and not os.access(name, os.W_OK)]
    return ", ".join(missing) if missing else None
