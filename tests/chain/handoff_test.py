"""Handoffs that are not what they should be, to each tool: 125, one line, nothing run."""

import fcntl
import os
import pty
import socket

import handoff_wire as wire
import harness
from handoff_wire import FILE, MEMFD, NAMESPACE, PIDFD, SOCKET, VARIABLE
from harness import COW, EXEC, NET, TRACE

UNKNOWN = {
    "varint": wire.field(99, 1),
    "bytes": wire.field(99, b"x"),
    "fixed32": wire.varint(99 << 3 | 5) + b"1234",
    "fixed64": wire.varint(99 << 3 | 1) + b"12345678",
    "group": wire.varint(99 << 3 | 3) + wire.varint(99 << 3 | 4),
}


class Case(harness.Case):
    def setUp(self):
        super().setUp()
        self.canary = self.work / "canary"
        self.tools = {
            COW: [COW, "--workdir", self.work, "--"],
            NET: [NET, "--"],
            TRACE: [TRACE, "--"],
            EXEC: [EXEC, "--system", "-w", self.work, "--"],
        }

    def given(self, argv, make, value=str(MEMFD)):
        """Runs argv in a process in which `make` has put what the variable's `value` names."""
        return self.run_in(argv, env=self.env(**{VARIABLE: value}), preexec_fn=make, close_fds=False)

    def assert_refused(self, what, make, value=str(MEMFD), tools=None, saying=""):
        for tool, words in self.tools.items():
            if tools is not None and tool not in tools:
                continue
            with self.subTest(what, tool=os.path.basename(tool)):
                done = self.given([*words, "touch", self.canary], make, value)
                ran = self.canary.exists()
                self.canary.unlink(missing_ok=True)
                self.assertFalse(ran, "the command ran")
                self.assertEqual((125, ""), (done.returncode, done.stdout), done.stderr)
                self.assertRegex(done.stderr, rf"\A{os.path.basename(tool)}: [^\n]+\n\Z")
                self.assertIn(saying, done.stderr)
                self.assert_nothing_left_here()

    def assert_nothing_left_here(self):
        self.assertEqual([], list(self.work.iterdir()))
        self.assertEqual([], [path.name for path in self.top.iterdir() if path.name.startswith(".")])

    def assert_accepted(self, make, tools=None):
        for tool, words in self.tools.items():
            if tools is not None and tool not in tools:
                continue
            with self.subTest("accepted", tool=os.path.basename(tool)):
                done = self.given([*words, "touch", self.canary], make)
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertTrue(self.canary.exists())
                self.canary.unlink()

    def handing(self, **fields):
        return wire.handing(**fields)


class Transport(Case):
    def test_a_right_one_is_accepted(self):
        """The control of every case below."""
        self.assert_accepted(self.handing())
        self.assert_nothing_left()

    def test_what_names_no_descriptor(self):
        for value in ("", "x", "-1", "0", "1", "2", "0x32", "5O", "50x", "50 ", " 50", "+50", "50.0",
                      "99999999999999999999", "4294967346", "-4294967246", "51", "1048576"):
            # A right one lies at 50: the last two name others, which are closed.
            self.assert_refused(repr(value), self.handing(), value)

    def test_what_is_no_memory_file(self):
        fifo = self.top / "fifo"
        os.mkfifo(fifo)
        plain = self.top / "plain"
        plain.write_bytes(b"x" * 100)
        # The writer's end stays open in this very process: a tool that reads waits for ever.
        reader, writer = os.pipe()
        held = os.open(fifo, os.O_RDWR | os.O_CLOEXEC)
        master, terminal = pty.openpty()
        pair = socket.socketpair()

        def opened(path, flags):
            return lambda: wire.place(os.open(path, flags))

        def reopened(flags):
            def make():
                fd = wire.memfd(wire.frame(wire.handoff(os.getpid())))
                wire.place(os.open(f"/proc/self/fd/{fd}", flags))
            return make

        cases = {
            "pipe": lambda: wire.place(os.dup(reader)),
            "writing end of a pipe": lambda: wire.place(os.dup(writer)),
            "FIFO": opened(fifo, os.O_RDWR),
            "FIFO, not blocking": opened(fifo, os.O_RDONLY | os.O_NONBLOCK),
            "regular file": opened(plain, os.O_RDWR),
            "regular file to read": opened(plain, os.O_RDONLY),
            "unlinked file": opened(self.top, os.O_TMPFILE | os.O_RDWR),
            "directory": opened(self.top, os.O_RDONLY),
            "/dev/null": opened("/dev/null", os.O_RDWR),
            "/dev/zero": opened("/dev/zero", os.O_RDONLY),
            "/proc file": opened("/proc/self/environ", os.O_RDONLY),
            "terminal": lambda: wire.place(os.dup(terminal)),
            "master of a terminal": lambda: wire.place(os.dup(master)),
            "stream socket": lambda: wire.place(os.dup(pair[0].fileno())),
            "seqpacket socket": lambda: wire.place(
                socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).detach()),
            "pidfd": lambda: wire.place(os.pidfd_open(os.getpid())),
            "namespace": opened("/proc/self/ns/net", os.O_RDONLY),
            "path only": opened(plain, os.O_PATH),
            "path of a memory file only": reopened(os.O_PATH),
            "memory file to write only": reopened(os.O_WRONLY | os.O_APPEND),
            "closed": lambda: None,
        }
        for what, make in cases.items():
            self.assert_refused(what, make)
        os.write(writer, b"")
        for fd in (reader, writer, held, master, terminal):
            os.close(fd)

    def test_what_is_sealed_in_part(self):
        for chosen in range(len(wire.SEALS) ** 2 - 1):
            seals = sum(seal for bit, seal in enumerate(wire.SEALS) if chosen >> bit & 1)
            self.assert_refused(f"seals {seals}", lambda s=seals: wire.place(
                wire.memfd(wire.frame(wire.handoff(os.getpid())), s)))

    def full(self, pid):
        """A handoff with every message in it; its descriptors are not open."""
        place = wire.directory()
        return wire.handoff(
            pid, mode=1, stages=[wire.stage("a"), wire.stage("b")],
            descriptors=[wire.descriptor(name, 60 + index, kind)
                         for index, (name, kind) in enumerate((("user", NAMESPACE), ("net", NAMESPACE),
                                                               ("notify", SOCKET)))],
            callers=[wire.caller(1, 2, 4)], layers=[wire.layer(place, place, place, place)],
            networks=[wire.network("user", "net")], interests=[wire.interest("a", "notify", ["open"])])

    def test_what_is_cut_at_any_byte(self):
        whole = len(wire.frame(self.full(os.getpid())))
        for size in range(whole):
            # A pid of another length would move the end; this one keeps it.
            self.assert_refused(f"cut at {size} of {whole}", lambda s=size: wire.place(
                wire.memfd(wire.frame(self.full(os.getpid()))[:s])))

    def test_what_is_too_large(self):
        body = wire.handoff(1 << 21)
        room = wire.MAX_BYTES - len(wire.frame(body))

        def padded(size):
            def make():
                stages = [wire.stage(), wire.stage("x" * (size - 24))]
                content = wire.frame(wire.handoff(os.getpid(), stages=stages))
                stages[1] = wire.stage("x" * (size - 24 + wire.MAX_BYTES + extra - len(content)))
                content = wire.frame(wire.handoff(os.getpid(), stages=stages))
                assert len(content) == wire.MAX_BYTES + extra
                wire.place(wire.memfd(content))
            extra = size - room
            return make

        # By the one that adds nothing to it.
        self.assert_accepted(padded(room), tools=[EXEC])
        self.assert_refused("one byte more than 1 MiB", padded(room + 1))

        def sparse():
            fd = wire.memfd(wire.frame(wire.handoff(os.getpid())), 0)
            os.ftruncate(fd, 1 << 50)
            fcntl.fcntl(fd, fcntl.F_ADD_SEALS, wire.ALL_SEALS)
            wire.place(fd)

        # Whoever gave it memory before looking would be killed for that.
        self.assert_refused("a pebibyte of nothing", sparse)

    def test_frames_that_lie(self):
        def framed(**lies):
            return lambda: wire.place(wire.memfd(wire.frame(wire.handoff(os.getpid()), **lies)))

        for size in (0, 1, 1 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 1):
            self.assert_refused(f"size {size}", framed(size=size))
        for magic in (b"HXBS", b"SBXI", b"\0\0\0\0"):
            self.assert_refused(f"magic {magic}", framed(magic=magic))
        for name, content in {"nothing": b"", "zeros": bytes(64), "text": b"SBXH{}"}.items():
            self.assert_refused(name, lambda c=content: wire.place(wire.memfd(c)))


class Message(Case):
    def assert_refused_with(self, what, **fields):
        self.assert_refused(what, self.handing(**fields))

    def test_versions(self):
        for version in (None, 0, 2, 3, 255, (1 << 32) - 1):
            self.assert_refused_with(f"version {version}", version=version)
        # The reader names both.
        done = self.given([*self.tools[TRACE], "true"], self.handing(version=7))
        self.assertRegex(done.stderr, r"version 7; this tool speaks \d")

    def test_writers(self):
        for what, writer in {
                "nobody": lambda: None, "0": lambda: 0, "-1": lambda: -1, "init": lambda: 1,
                "the parent": os.getppid, "one beside": lambda: os.getpid() + 1,
                "itself in the low half": lambda: os.getpid() + (1 << 32)}.items():
            self.assert_refused(what, lambda w=writer: wire.place(
                wire.memfd(wire.frame(wire.handoff(w())))))

    def test_unknown_fields_at_any_depth(self):
        good = wire.directory()
        for kind, more in UNKNOWN.items():
            self.assert_refused_with(f"{kind} on top", more=more)
        more = UNKNOWN["varint"]
        bad = wire.directory(more=more)
        open_one = wire.descriptor("s", MEMFD + 1, SOCKET)
        places = {
            "stage": {"stages": [wire.stage(more=more)]},
            "second stage": {"stages": [wire.stage(), wire.stage("b", more=more)]},
            "descriptor": {"descriptors": [wire.descriptor("d", 60, FILE, more)]},
            "caller": {"callers": [wire.caller(more=more)]},
            "layer": {"layers": [wire.layer(good, good, good, good, more)]},
            "network": {"networks": [wire.network("u", "n", more)]},
            "interest": {"descriptors": [open_one], "interests": [wire.interest("t", "s", [], more)]},
        }
        for index, name in enumerate(("workdir", "upper", "work", "storage")):
            places[name] = {"layers": [wire.layer(*(bad if index == at else good for at in range(4)))]}
        for where, fields in places.items():
            self.assert_refused_with(f"in {where}", **fields)

    def test_values_that_this_version_does_not_know(self):
        self.assert_refused_with("mode 3", mode=3)
        self.assert_refused_with("kind 5", descriptors=[wire.descriptor("d", 60, 5)])
        self.assert_refused_with("kind 0", descriptors=[wire.descriptor("d", 60, 0)])
        self.assert_refused_with("no kind", descriptors=[wire.message((1, "d"), (2, 60))])

    def test_wire_format_that_is_no_message(self):
        deep = b""
        for _ in range(200):
            deep = wire.varint(99 << 3 | 3) + deep + wire.varint(99 << 3 | 4)
        for what, more in {
                "field 0": wire.varint(0) + b"\0",
                "wire type 6": wire.varint(99 << 3 | 6),
                "wire type 7": wire.varint(99 << 3 | 7),
                "version as text": wire.field(1, "1"),
                "stage as number": wire.field(4, 1),
                "length beyond the end": wire.varint(4 << 3 | 2) + wire.varint(1000),
                "length of 2 GiB": wire.varint(4 << 3 | 2) + wire.varint(1 << 31),
                "length of 2^64-1": wire.varint(4 << 3 | 2) + wire.varint(-1),
                "varint of 11 bytes": wire.varint(1 << 3) + b"\xff" * 10 + b"\1",
                "open group": wire.varint(99 << 3 | 3),
                "end of no group": wire.varint(99 << 3 | 4),
                "deep groups": deep}.items():
            self.assert_refused_with(what, more=more)

    def test_one_message_has_one_form(self):
        # Parsers differ in what they make of these: the last, the first, both merged.
        self.assert_refused_with("version twice", more=wire.field(1, 1))
        self.assert_refused_with("version first wrong", version=2, more=wire.field(1, 1))
        self.assert_refused_with("caller twice", callers=[wire.caller(1), wire.caller(2)])
        self.assert_refused_with("a long varint", version=None, more=b"\x08\x81\x00")

    def test_forms(self):
        good = wire.directory()
        for what, fields in {
                "no stage": {"stages": []},
                "a stage without name": {"stages": [wire.stage("")]},
                "one stage twice": {"stages": [wire.stage(), wire.stage()]},
                "relative path": {"layers": [wire.layer(good, wire.directory("x"), good, good)]},
                "empty path": {"layers": [wire.layer(good, good, wire.directory(""), good)]},
                "path with NUL": {"layers": [wire.layer(good, good, good, wire.directory("/a\0b"))]},
                "no identity": {"layers": [wire.layer(wire.message((1, "/")), good, good, good)]},
                "no storage": {"layers": [wire.message((1, good), (2, good), (3, good))]},
                "network without namespaces": {"networks": [b""]},
                "network with names of nobody": {"networks": [wire.network("u", "n")]},
                "interest without socket": {"interests": [wire.interest("t", "s", ["open"])]}}.items():
            self.assert_refused_with(what, **fields)

    def test_a_tool_that_ran_already(self):
        for tool in (COW, NET, TRACE, EXEC):
            name = os.path.basename(tool)
            self.assert_refused(name, self.handing(stages=[wire.stage("x"), wire.stage(name)]),
                                tools=[tool])


class Descriptors(Case):
    def handing_with(self, descriptors, opens=(), **fields):
        """As handing(), after each of `opens` was called in that process."""
        def make():
            for one in opens:
                one()
            self.handing(descriptors=descriptors, **fields)()
        return make

    def opened(self):
        """One descriptor of each kind at a number of its own: what is right to say of them."""
        kinds = {60: SOCKET, 61: NAMESPACE, 62: FILE, 63: FILE, 64: FILE, 65: FILE}

        def make():
            os.dup2(socket.socketpair()[0].detach(), 60)
            os.dup2(os.open("/proc/self/ns/net", os.O_RDONLY), 61)
            os.dup2(os.open("/dev/null", os.O_RDWR), 62)
            os.dup2(os.pipe()[1], 63)
            os.dup2(pty.openpty()[1], 64)
            os.dup2(os.memfd_create("x"), 65)
        return kinds, make

    def test_kinds(self):
        kinds, make = self.opened()
        self.assert_accepted(self.handing_with(
            [wire.descriptor(f"d{number}", number, kind) for number, kind in kinds.items()], [make]))
        for number, kind in kinds.items():
            for wrong in (SOCKET, NAMESPACE, PIDFD, FILE):
                if wrong != kind:
                    self.assert_refused(f"{number} is not {wrong}", self.handing_with(
                        [wire.descriptor("d", number, wrong)], [make]))

    def test_numbers(self):
        for number in (-1, -(1 << 31), 0, 1, 2, 60, 1 << 20, (1 << 31) - 1):
            self.assert_refused(f"number {number}",
                                self.handing_with([wire.descriptor("d", number, FILE)]))
        self.assert_refused("no number", self.handing(descriptors=[wire.message((1, "d"), (3, FILE))]))
        _, make = self.opened()
        for what, two in {"one name": [("d", 62), ("d", 63)], "one number": [("d", 62), ("e", 62)],
                          "no name": [("", 62)]}.items():
            self.assert_refused(what, self.handing_with(
                [wire.descriptor(name, number, FILE) for name, number in two], [make]))
        # It is closed when it has been read: nothing else may be it.
        self.assert_refused("the handoff itself",
                            self.handing_with([wire.descriptor("d", MEMFD, FILE)]))

    def test_the_callers_own_descriptors_are_not_taken_for_declared_ones(self):
        """What is open and not named in the handoff does not reach the command."""
        _, make = self.opened()
        done = self.given([*self.tools[EXEC], "sh", "-c", "echo /proc/self/fd/*"],
                          self.handing_with([wire.descriptor("d", 62, FILE)], [make]))
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual("/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3\n", done.stdout,
                         "3 is the shell's own")

    def test_namespaces_that_are_none_of_a_bridge(self):
        def own(kind, number):
            return lambda: os.dup2(os.open(f"/proc/self/ns/{kind}", os.O_RDONLY), number)

        rows = {
            "the host's": ("user", "net"),
            "swapped": ("net", "user"),
            "mount for user": ("mnt", "net"),
        }
        for what, (user, net) in rows.items():
            make = self.handing_with(
                [wire.descriptor("u", 60, NAMESPACE), wire.descriptor("n", 61, NAMESPACE)],
                [own(user, 60), own(net, 61)], networks=[wire.network("u", "n")])
            self.assert_refused(what, make, tools=[EXEC])
        _, opens = self.opened()
        self.assert_refused("no namespace", self.handing_with(
            [wire.descriptor("u", 62, FILE), wire.descriptor("n", 63, FILE)], [opens],
            networks=[wire.network("u", "n")]), tools=[EXEC])

    def test_directories_that_are_others_by_now(self):
        real = {name: self.top / name for name in ("upper", "wk", "storage")}
        for path in real.values():
            path.mkdir()
        right = [wire.identity(path) for path in (self.work, *real.values())]
        false = wire.directory(str(self.work), *os.stat("/")[2:0:-1])
        for index, name in enumerate(("workdir", "upper", "work")):
            with self.subTest(name):
                parts = list(right)
                parts[index] = false
                self.assert_refused(name, self.handing(layers=[wire.layer(*parts)]), tools=[EXEC])

    def test_interests_that_cannot_be_served(self):
        _, opens = self.opened()

        def another():
            os.dup2(socket.socketpair()[0].detach(), 66)

        def refused(what, descriptors, interests, saying):
            self.assert_refused(what, self.handing_with(
                [wire.descriptor(name, number, kind) for name, number, kind in descriptors],
                [opens, another], interests=interests), tools=[EXEC], saying=saying)

        refused("a file for a socket", [("f", 62, FILE)], [wire.interest("t", "f", ["open"])],
                "an interest has no socket")
        refused("calls that nobody knows", [("s", 60, SOCKET)],
                [wire.interest("t", "s", ["open", "frobnicate"])], "cannot tell t of frobnicate")
        refused("one socket for two", [("s", 60, SOCKET)], [wire.interest("t", "s", ["open"])] * 2,
                "no descriptor s")
        refused("two observers", [("s", 60, SOCKET), ("r", 66, SOCKET)],
                [wire.interest("t", "s", ["open"]), wire.interest("u", "r", ["open"])],
                "only one stage of a chain can observe")


if __name__ == "__main__":
    harness.main()
