"""The host as an attack finds it, and what an attack has left on it."""

import ctypes
import fcntl
import hashlib
import os
import pathlib
import resource
import shutil
import signal
import socket
import stat
import struct
import subprocess
import termios

import harness
import servers

LIBC = ctypes.CDLL(None, use_errno=True)
FS_IOC_GETFLAGS = 0x80086601
SYS_IOPRIO_GET = 252
IPC_CREAT, IPC_EXCL, IPC_RMID = 0o1000, 0o2000, 0
SOCKETS = ("stream", "dgram")


def xattrs(path):
    try:
        return {name: os.getxattr(path, name, follow_symlinks=False)
                for name in os.listxattr(path, follow_symlinks=False)}
    except OSError:
        return {}


def flags(path):
    try:
        with open(path, "rb") as file:
            return struct.unpack("i", fcntl.ioctl(file, FS_IOC_GETFLAGS, b"\0" * 4))[0]
    except OSError:
        return None


def look(path):
    """Everything about an entry but its access time."""
    info = os.lstat(path)
    content = None
    if stat.S_ISREG(info.st_mode):
        content = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest(), flags(path)
    elif stat.S_ISLNK(info.st_mode):
        content = os.readlink(path)
    return (oct(info.st_mode), info.st_uid, info.st_gid, info.st_nlink, info.st_size, info.st_ino,
            info.st_mtime_ns, info.st_ctime_ns, content, xattrs(path))


def snapshot(top):
    if not os.path.lexists(top):
        return {}
    found = {str(top): look(top)}
    for directory, names, files in os.walk(top):
        for name in names + files:
            path = os.path.join(directory, name)
            found[path] = look(path)
    return found


def free_port():
    """A TCP port that is nobody's, and that no connection takes by chance: below the usual range."""
    for port in range(10000 + os.getpid() % 10000, 30000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no free port")


class Victim:
    """A process of the host that tells of each signal it gets."""

    TOLD = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGHUP)

    def __init__(self, binaries):
        self.process = subprocess.Popen(
            [binaries / "signal_counter", *(str(int(number)) for number in self.TOLD)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}, cwd="/", process_group=0)
        self.pid = self.process.pid
        assert self.process.stdout.readline() == b"ready\n"
        self.before = self.state()

    def state(self):
        with open(f"/proc/{self.pid}/status", encoding="utf-8") as file:
            tracer = [line for line in file if line.startswith("TracerPid")]
        return {"tracer": tracer, "nice": os.getpriority(os.PRIO_PROCESS, self.pid),
                "cpus": os.sched_getaffinity(self.pid), "policy": os.sched_getscheduler(self.pid),
                "core": resource.prlimit(self.pid, resource.RLIMIT_CORE),
                "ioprio": LIBC.syscall(SYS_IOPRIO_GET, 1, self.pid)}

    def harm(self):
        if self.process.poll() is not None:
            return [f"the victim has ended: {self.process.returncode}"]
        # The highest of the numbers comes last.
        last = max(self.TOLD)
        os.kill(self.pid, last)
        told = []
        while (line := self.process.stdout.readline().strip()) not in (b"", b"%d" % last):
            told.append(line.decode())
        harm = [f"the victim got signal {number}" for number in told]
        return harm + [f"the victim's {name} was {self.before[name]}, is {value}"
                       for name, value in self.state().items() if value != self.before[name]]

    def close(self):
        self.process.kill()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Ipc:
    """System V and POSIX objects of the host."""

    def __init__(self):
        self.key = 0x5a000000 | os.getpid()
        self.queue = f"/sandbox-test-{os.getpid()}"
        mode = IPC_CREAT | IPC_EXCL | 0o600
        self.memory = LIBC.shmget(self.key, 4096, mode)
        self.semaphore = LIBC.semget(self.key, 1, mode)
        self.messages = LIBC.msgget(self.key, mode)
        self.make_queue()

    def make_queue(self):
        self.descriptor = LIBC.mq_open(self.queue.encode(), os.O_CREAT | os.O_RDWR, 0o600, None)

    def close(self):
        LIBC.shmctl(self.memory, IPC_RMID, None)
        LIBC.semctl(self.semaphore, 0, IPC_RMID)
        LIBC.msgctl(self.messages, IPC_RMID, None)
        LIBC.mq_unlink(self.queue.encode())
        if self.descriptor >= 0:
            LIBC.mq_close(self.descriptor)


class Host:
    """A directory with what is granted and what is not, a victim, servers, IPC and a terminal."""

    def __init__(self, top, binaries):
        self.top, self.binaries = top, binaries
        self.work, self.outside, self.shared = top / "work", top / "outside", top / "shared"
        for directory in (self.outside, self.shared):
            directory.mkdir()
        self.victim = Victim(binaries)
        self.ipc = Ipc()
        self.servers = servers.Servers(self.endpoints())
        self.free = free_port()
        self.master, self.terminal = os.openpty()
        self.other_master, self.other_terminal = os.openpty()
        for terminal in (self.terminal, self.other_terminal):
            modes = termios.tcgetattr(terminal)
            modes[3] &= ~(termios.ICANON | termios.ECHO)
            termios.tcsetattr(terminal, termios.TCSANOW, modes)
        self.reset()

    def endpoints(self):
        tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
        found = {
            "tcp": servers.Endpoint(socket.AF_INET, tcp, ("127.0.0.1", 0)),
            "udp": servers.Endpoint(socket.AF_INET, udp, ("127.0.0.1", 0)),
            "abstract": servers.Endpoint(socket.AF_UNIX, tcp, f"\0sandbox-test-{os.getpid()}"),
            "abstract_dgram": servers.Endpoint(socket.AF_UNIX, udp, f"\0sandbox-test-{os.getpid()}-d"),
        }
        if os.path.exists("/proc/net/if_inet6"):
            found["tcp6"] = servers.Endpoint(socket.AF_INET6, tcp, ("::1", 0))
            found["udp6"] = servers.Endpoint(socket.AF_INET6, udp, ("::1", 0))
        for place, directory in (("", self.outside), ("shared_", self.shared)):
            found[place + "stream"] = servers.Endpoint(socket.AF_UNIX, tcp, str(directory / "stream"))
            found[place + "dgram"] = servers.Endpoint(socket.AF_UNIX, udp, str(directory / "dgram"))
        return found

    def words(self):
        """What an attack's arguments may name."""
        ports = {name: endpoint.address[1] for name, endpoint in self.servers.endpoints.items()
                 if endpoint.socket.family in (socket.AF_INET, socket.AF_INET6)}
        names = {name: endpoint.address[1:].decode() for name, endpoint in self.servers.endpoints.items()
                 if name.startswith("abstract")}
        return {"work": self.work, "outside": self.outside, "shared": self.shared, "top": self.top,
                "bin": self.binaries, "victim": self.victim.pid, "key": self.ipc.key,
                "memory": self.ipc.memory, "queue": self.ipc.queue,
                "free": self.free, "terminal": os.ttyname(self.other_terminal), **ports, **names}

    def inherited_socket(self, kind):
        """A socket of the host for a command's standard input; what it took to make it is not counted."""
        if kind.startswith("socket tcp"):
            made = socket.create_connection(self.servers.endpoints[kind.split()[1]].address[:2])
            self.servers.visits()
            return made
        return socket.socket(socket.AF_INET if kind == "socket udp" else socket.AF_UNIX, socket.SOCK_DGRAM)

    def fill(self, directory):
        for entry in directory.iterdir():
            if entry.name in SOCKETS and entry.is_socket():
                continue
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        for name in ("secret", "other", "file"):
            (directory / name).write_text("secret\n")
            os.setxattr(directory / name, "user.canary", b"alive")
        shutil.copy(self.binaries / "exit_with", directory / "program")
        (directory / "upper").mkdir()
        (directory / "upper" / "inner").write_text("secret\n")
        (directory / "empty").mkdir()
        (directory / "link").symlink_to("secret")
        os.mkfifo(directory / "fifo")

    def fill_work(self):
        """The work directory as every attack finds it: what was granted to be written shows nothing later."""
        self.fill(self.work)
        shutil.copy(self.binaries / "attack", self.work / "attack")
        shutil.copy(self.binaries / "probe_state", self.work / "setuid_probe")
        os.chmod(self.work / "setuid_probe", 0o4755)

    def reset(self):
        """Everything as at the beginning."""
        self.fill(self.outside)
        self.fill(self.shared)
        for name in self.top.iterdir():
            if name not in (self.outside, self.shared, self.work):
                assert name.name in ("home", "bin"), f"left behind: {name}"
        self.victim.close()
        self.victim = Victim(self.binaries)
        self.servers.visits()
        self.ipc.make_queue()
        termios.tcflush(self.terminal, termios.TCIOFLUSH)
        termios.tcflush(self.other_terminal, termios.TCIOFLUSH)

    def look(self, watched):
        """The trees that an attack may not change; those named `watched` are in the work directory."""
        trees = [self.outside, self.shared, *(self.work / name for name in watched)]
        return {**{key: value for tree in trees for key, value in snapshot(tree).items()},
                "entries": sorted(os.listdir(self.top))}

    def harm(self, before, watched):
        """What has happened to the host since look(): one line each."""
        after = self.look(watched)
        harm = [f"{path} has changed" for path in sorted({**before, **after})
                if before.get(path) != after.get(path)]
        harm += self.victim.harm()
        harm += [f"{name} was reached {count} times" for name, count in self.servers.visits().items()]
        typed = struct.unpack("i", fcntl.ioctl(self.terminal, termios.FIONREAD, b"\0" * 4))[0]
        return harm + ([f"{typed} bytes were typed"] if typed else [])

    def close(self):
        self.servers.close()
        self.victim.close()
        self.ipc.close()
        for descriptor in (self.master, self.terminal, self.other_master, self.other_terminal):
            os.close(descriptor)
