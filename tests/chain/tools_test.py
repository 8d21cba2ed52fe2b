"""Each tool alone before a plain command: what it changes for the command, and that it changes
nothing else. One test for each row of the table in doc/tools.md, and of its name."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import unittest

import harness
from harness import BIN, COW, EXEC, NET, TRACE

NONE = "0" * 16
ROOT = os.getuid() == 0

# The namespaces that the command has for itself.
NAMESPACES = {
    "strict": {"user", "mnt", "pid", "ipc", "uts", "cgroup", "net"},
    "landlock": set(),
    "trace": set(),
    "netbridge": {"user", "mnt", "pid", "net"},
    "cow": {"user", "mnt", "pid"},
}
CONTAINED = ("strict", "netbridge", "cow")  # end with their pid namespace
CONFINED = ("strict", "landlock")


class Answering(threading.Thread):
    """A server on the host's loopback that answers each connection with a byte, and counts them."""

    def __init__(self):
        super().__init__(daemon=True)
        self.count = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.start()

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.count += 1
            with connection, contextlib.suppress(ConnectionError):
                connection.recv(1024)
                connection.sendall(b"x")
                # Closed with anything unread, it would be a reset, which may overtake the answer.
                while connection.recv(1024):
                    pass

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.join()
        self.socket.close()


class Tools(harness.Case):
    def setUp(self):
        super().setUp()
        # Beside the command's own files, so that no grant is needed for them.
        for victim in ("attack", "probe_state"):
            shutil.copy(BIN / victim, self.work)
        self.secret = self.top / "secret"
        self.secret.write_text("secret\n")
        self.alone = {
            "strict": [EXEC, "--mode=strict", "--system", "-w", self.work, "--"],
            "landlock": [EXEC, "--mode=landlock", "--system", "-w", self.work, "--"],
            "trace": [TRACE, "--"],
            "netbridge": [NET, "--"],
            "cow": [COW, "--workdir", self.work, "--"],
        }

    def state(self, words, **kwargs):
        done = self.run_in([*words, "./probe_state"], **kwargs)
        self.assertEqual(0, done.returncode, done.stderr)
        return dict(line.split("=", 1) for line in done.stdout.splitlines())

    def attack(self, words, *attack):
        return self.run_in([*words, "./attack", *attack]).stdout.strip()

    def assert_attack(self, expected, words, *attack):
        """`expected` is what it prints; None: whatever the bare attack prints."""
        if expected is None:
            expected = self.attack([], *attack)
        self.assertEqual(expected, self.attack(words, *attack), attack)

    def test_namespaces(self):
        bare = self.state([])
        for name, words in self.alone.items():
            with self.subTest(name):
                state = self.state(words)
                own = {key for key in state if key.startswith("ns_") and state[key] != bare[key]}
                self.assertEqual({f"ns_{kind}" for kind in NAMESPACES[name]}, own)

    def test_no_new_privs(self):
        self.assertEqual("0", self.state([])["NoNewPrivs"])
        for name, words in self.alone.items():
            with self.subTest(name):
                self.assertEqual("1", self.state(words)["NoNewPrivs"])

    def test_capabilities(self):
        bare = self.state([])
        for name, words in self.alone.items():
            with self.subTest(name):
                state = self.state(words)
                for key in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                    self.assertEqual(NONE, state[key], key)
                kept = not ROOT and name not in CONTAINED
                self.assertEqual(bare["CapBnd"] if kept else NONE, state["CapBnd"])

    def test_descriptors(self):
        read, write = os.pipe()
        os.set_inheritable(write, True)
        self.addCleanup(os.close, read)
        self.addCleanup(os.close, write)
        self.assertIn(str(write), self.state([], close_fds=False)["fds"].split(","))
        for name, words in self.alone.items():
            with self.subTest(name):
                self.assertEqual("0,1,2", self.state(words, close_fds=False)["fds"])
                # The three are the caller's own: the same pipe, the same file.
                done = self.run_in([*words, "readlink", "/proc/self/fd/1"])
                self.assertTrue(done.stdout.startswith("pipe:["), done.stdout + done.stderr)

    def test_network(self):
        allowed, other = Answering(), Answering()
        self.addCleanup(allowed.stop)
        self.addCleanup(other.stop)
        target = ("tcp", "127.0.0.1", allowed.port)
        refused = {"strict": "blocked EAFNOSUPPORT", "landlock": "blocked EAFNOSUPPORT",
                   "netbridge": "blocked ECONNREFUSED"}
        for name, words in self.alone.items():
            with self.subTest(name):
                self.assert_attack(refused.get(name), words, *target)
        self.assertEqual("succeeded", self.attack([], *target))
        # The bridge's one way out.
        bridge = [NET, "--allow", f"127.0.0.1:{allowed.port}", "--"]
        self.assert_attack("succeeded", bridge, *target)
        self.assert_attack(refused["netbridge"], bridge, "tcp", "127.0.0.1", other.port)
        self.assertEqual(0, other.count)

    def test_unix_sockets(self):
        self.listener(self.top, "socket")
        self.listener(self.work, "socket")
        self.listener(None, self.mark)
        rows = {  # connecting to: a socket outside, one beneath the work directory, an abstract one
            "strict": ("blocked ENOENT", "succeeded", "blocked ECONNREFUSED"),
            "landlock": ("blocked EACCES", "blocked EACCES", "blocked EACCES"),
            "trace": (None, None, None),
            "netbridge": ("blocked EACCES", "blocked EACCES", "blocked ECONNREFUSED"),
            "cow": (None, "blocked ECONNREFUSED", None),  # in the layer's view it is another file
        }
        for name, words in self.alone.items():
            with self.subTest(name):
                first, second, third = rows[name]
                self.assert_attack(first, words, "unix", "../socket")
                self.assert_attack(second, words, "unix", "socket")
                self.assert_attack(third, words, "abstract", self.mark)

    def listener(self, directory, name):
        """A unix socket of the host; abstract without a directory."""
        made = socket.socket(socket.AF_UNIX)
        self.addCleanup(made.close)
        if directory is None:
            made.bind("\0" + name)
        else:
            # By a short way: an address holds 108 bytes.
            entry = os.open(directory, os.O_PATH | os.O_DIRECTORY)
            made.bind(f"/proc/self/fd/{entry}/{name}")
            os.close(entry)
        made.listen(64)

    def test_files(self):
        rows = {  # reading outside the work directory, changing a mode there
            "strict": ("blocked ENOENT", "blocked ENOENT"),
            "landlock": ("blocked EACCES", "succeeded"),
            "trace": ("succeeded", "succeeded"),
            "netbridge": ("succeeded", "succeeded"),
            "cow": ("succeeded", "succeeded"),
        }
        for name, words in self.alone.items():
            with self.subTest(name):
                self.assert_attack(rows[name][0], words, "read", self.secret)
                self.assert_attack(rows[name][1], words, "chmod", self.secret)
                made = self.work / "made"
                during = self.run_in([*words, "sh", "-c", f"echo x >{made}; cat {made}"])
                self.assertEqual((0, "x\n"), (during.returncode, during.stdout), during.stderr)
                self.assertEqual("x\n", made.read_text())
                made.unlink()
        # The layer is what keeps a failed command's writes away, and only those beneath it.
        script = f"echo x >{self.work}/made; echo x >{self.top}/outside; exit 1"
        self.run_in([*self.alone["cow"], "sh", "-c", script])
        self.assertFalse((self.work / "made").exists())
        self.assertEqual("x\n", (self.top / "outside").read_text())

    def test_the_layer_is_out_of_reach(self):
        """The command sees that there is one, and cannot look into it, write to it or take it away."""
        layer = f"{self.top}/.sandbox-cow.*"
        script = (f"echo x >made; ls -A {layer}; cat {layer}/upper/made; echo y >{layer}/y;"
                  f" rm -r {layer}; mv {layer} {self.top}/moved; umount {layer}; umount .;"
                  " echo done; read line")
        process = self.popen([*self.alone["cow"], "sh", "-c", script], text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(process.kill)
        self.assertEqual("done\n", process.stdout.readline())
        # The control: it is where the command looked.
        upper, = self.top.glob(".sandbox-cow.*/upper")
        self.assertEqual("x\n", (upper / "made").read_text())
        self.assertFalse((self.work / "made").exists())
        self.assertEqual("", process.communicate("\n", timeout=harness.DEADLINE)[0])
        self.assertEqual("x\n", (self.work / "made").read_text())
        self.assertFalse((self.top / "moved").exists())
        self.assert_nothing_left()

    def test_files_of_the_machine(self):
        """Root's number alone may write them, whatever its capabilities."""
        script = "name=$(cat /proc/sys/kernel/hostname) && echo $name >/proc/sys/kernel/hostname"
        bare = self.run_in(["sh", "-c", script]).returncode  # writes what is there
        for name, words in self.alone.items():
            with self.subTest(name):
                status = self.run_in([*words, "sh", "-c", script]).returncode
                self.assertEqual(bare if name == "trace" else 2, status)
                mounts = self.run_in([*words, "cat", "/proc/self/mountinfo"]).stdout
                read_only = {line.split()[4] for line in mounts.splitlines()
                             if line.split()[5].startswith("ro")}
                if ROOT and name in CONTAINED:
                    self.assertIn("/proc/sys", read_only)
                if ROOT and name in ("netbridge", "cow"):
                    self.assertIn("/sys", read_only)
                exists = self.run_in([*words, "test", "-e", "/sys"]).returncode == 0
                self.assertEqual(name != "strict", exists)

    def test_private_directories(self):
        """/tmp, /dev/shm and home as the command finds them."""
        (self.home / "mine").write_text("x")
        listing = f"ls -A /tmp /dev/shm {self.home}"
        bare = self.run_in(["sh", "-c", listing]).stdout
        self.assertIn("mine", bare)
        for name, words in self.alone.items():
            with self.subTest(name):
                done = self.run_in([*words, "sh", "-c", listing])
                if name == "strict":
                    # Nothing but what leads to the work directory.
                    titles = {"/tmp:", "/dev/shm:", f"{self.home}:"}
                    self.assertLessEqual(set(done.stdout.split()), {*titles, *self.work.parts})
                elif name == "landlock":
                    self.assertNotEqual(0, done.returncode)
                    self.assertNotIn("mine", done.stdout)
                else:
                    self.assertIn("mine", done.stdout)

    def test_system_calls(self):
        rows = {  # io_uring, the 32-bit entry, a listener, a user namespace
            "strict": ("blocked EPERM", "blocked SIGSYS", "blocked EPERM", "blocked EPERM"),
            "landlock": ("blocked EPERM", "blocked SIGSYS", "blocked EPERM", "blocked EPERM"),
            "trace": (None, None, "blocked EBUSY", None),
            "netbridge": ("blocked EPERM", "blocked SIGSYS", "blocked EPERM", None),
            "cow": (None, None, None, None),
        }
        for name, words in self.alone.items():
            with self.subTest(name):
                for attack, expected in zip(("io_uring", "int80", "second_listener", "new_userns"),
                                            rows[name]):
                    self.assert_attack(expected, words, attack)

    def test_environment(self):
        more = {"LD_BIND_NOW": "1", "SANDBOX_OTHER": "x", "ODD": "a\nb"}
        bare = self.run_in(["env", "-0"], env=self.env(**more)).stdout
        self.assertIn("ODD=a\nb\0", bare)
        for name, words in self.alone.items():
            with self.subTest(name):
                done = self.run_in([*words, "env", "-0"], env=self.env(**more))
                expected = bare
                if name in CONFINED:  # see environment_test
                    expected = bare.replace("LD_BIND_NOW=1\0", "") + "SANDBOX=sandpipe\0"
                self.assertEqual(expected, done.stdout)

    def test_signals(self):
        def odd():
            for number in (signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR1):
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGUSR2})

        bare = self.state([], preexec_fn=odd)
        for name, words in self.alone.items():
            with self.subTest(name):
                state = self.state(words, preexec_fn=odd)
                if name in CONFINED:
                    # What nohup and a shell's "&" ask for still holds; 32 and 33 are the C library's
                    # own and stay as they were.
                    ignored = int(state["SigIgn"], 16) & ~(3 << 31)
                    self.assertEqual(1 << (signal.SIGHUP - 1), ignored)
                    self.assertEqual(NONE, state["SigBlk"])
                else:
                    self.assertEqual(bare["SigBlk"], state["SigBlk"])
                    self.assertEqual(bare["SigIgn"], state["SigIgn"])

    def test_identity(self):
        bare = self.state([])
        for name, words in self.alone.items():
            with self.subTest(name):
                state = self.state(words)
                for key in ("uid", "euid", "gid", "egid", "umask", "cwd"):
                    self.assertEqual(bare[key], state[key], key)
                # One byte is less than any core has, and 0 means something else to the kernel.
                self.assertIn(state["core"], ("0", "1") if name in CONFINED else (bare["core"],))
                owner = self.run_in([*words, "stat", "-c", "%u", "/usr"]).stdout.strip()
                self.assertEqual("65534" if name in CONTAINED and not ROOT else "0", owner)

    def test_processes(self):
        trees = {  # as the manuals draw them
            "strict": ["sandbox-exec", ["sandbox-init"], ["sleep"]],
            "landlock": ["sleep"],
            "trace": ["sandbox-trace", ["sandbox-exec", ["sleep"]]],
            "netbridge": ["sandbox-netbrid",  # the kernel keeps 15 bytes
                          ["sandbox-exec", ["sandbox-actor"], ["sandbox-init"], ["sleep"]]],
            "cow": ["sandbox-cow", ["sandbox-exec", ["sandbox-init"], ["sleep"]]],
        }
        for name, words in self.alone.items():
            with self.subTest(name):
                process = self.popen([*words, "sh", "-c", "echo up; exec sleep 1000"],
                                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                self.addCleanup(process.kill)
                self.assertEqual("up\n", process.stdout.readline())
                self.wait_until(lambda pid=process.pid, tree=trees[name]: self.tree(pid) == tree,
                                f"the tree is {trees[name]}")
                process.terminate()
                self.assertEqual(-signal.SIGTERM, process.wait(harness.DEADLINE))
                process.stdout.close()
                if name in CONTAINED:
                    self.assertEqual("2", self.state(words)["pid"])

    @staticmethod
    def tree(top):
        """The names of `top` and of all below it, as nested lists."""
        parents, names = {}, {}
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                    head, _, tail = file.read().rpartition(") ")
            except OSError:
                continue
            names[int(entry)] = head.partition(" (")[2]
            parents.setdefault(int(tail.split()[1]), []).append(int(entry))

        def build(pid):
            return [names.get(pid), *sorted(build(child) for child in parents.get(pid, []))]

        return build(top)

    def test_what_is_left_running(self):
        for name, words in self.alone.items():
            with self.subTest(name):
                mark = self.work / "mark"
                self.assert_attack("succeeded", words, "daemon", mark)
                if name == "landlock":
                    left = self.alive()
                    self.assertEqual(1, len(left), left)
                    os.kill(left[0][0], signal.SIGKILL)
                self.assert_nothing_left()
        kept = [*self.alone["trace"], *self.alone["landlock"]]
        self.assert_attack("succeeded", kept, "daemon", self.work / "mark")
        self.assert_nothing_left()

    def test_trace_changes_nothing_but_no_new_privs(self):
        bare = self.state([])
        state = self.state(self.alone["trace"])
        different = {key for key in bare if bare[key] != state[key]}
        # What a filter that only notifies shows, and whose child it is.
        expected = {"NoNewPrivs", "Seccomp", "pid", "ppid"}
        if ROOT:
            expected |= {"CapPrm", "CapEff", "CapBnd"}
        self.assertLessEqual(different, expected)
        self.assertLessEqual(expected - {"CapPrm", "CapEff", "CapBnd"}, different)


if __name__ == "__main__":
    harness.main()
