"""What is the command's own, and what is shared when asked: namespaces, host name, memory layout."""

import os

import harness
from harness import EXEC, NET

KINDS = ("ipc", "uts", "cgroup", "net", "pid", "mnt", "user")


class Isolation(harness.Case):
    def words(self, mode, *options):
        return [EXEC, "--mode", mode, "--system", "-w", self.work, *options, "--"]

    def say(self, argv):
        done = self.run_in(argv)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout

    def test_namespaces_are_shared_by_name_only(self):
        bare = {kind: os.readlink(f"/proc/self/ns/{kind}") for kind in KINDS}
        rows = [(), ("ipc",), ("uts",), ("cgroup",), ("ipc", "uts", "cgroup")]
        for chain in ([], [NET, "--"]):
            for shared in rows:
                with self.subTest(shared, chain=chain):
                    options = [word for kind in shared for word in ("--share", kind)]
                    got = self.say([*chain, *self.words("strict", *options), "sh", "-c",
                                    "for n; do readlink /proc/self/ns/$n; done", "sh", *KINDS]).split()
                    self.assertEqual(list(shared),
                                     [kind for kind, own in zip(KINDS, got) if own == bare[kind]])

    def test_the_queues_of_the_caller(self):
        """Made outside: seen inside only when shared."""
        made = self.say(["ipcmk", "-Q"]).split()[-1]
        self.addCleanup(self.run_in, ["ipcrm", "-q", made])
        look = ["ipcs", "-q", "-i", made]
        self.assertIn(f"msqid={made}", self.say(look))  # the control
        shared = self.run_in([*self.words("strict", "--share", "ipc"), *look])
        self.assertIn(f"msqid={made}", shared.stdout, shared.stderr)
        own = self.run_in([*self.words("strict"), *look])
        self.assertNotIn(f"msqid={made}", own.stdout)

    def test_hostname(self):
        bare = self.say(["uname", "-n"])
        for chain in ([], [NET, "--"]):
            words = [*chain, *self.words("strict", "--hostname", "box-1.test")]
            self.assertEqual("box-1.test\n", self.say([*words, "uname", "-n"]))
            self.assertEqual(bare, self.say(["uname", "-n"]), "the host keeps its own")
        self.assertEqual(bare, self.say([*self.words("strict"), "uname", "-n"]))

    def test_memory_layout(self):
        script = "grep stack /proc/self/maps"
        for mode in ("strict", "landlock"):
            for options, layouts in (((), False), (("--no-aslr",), True)):
                with self.subTest(options, mode=mode):
                    words = self.words(mode, *options)
                    self.assertEqual("00040000\n" if layouts else "00000000\n",
                                     self.say([*words, "cat", "/proc/self/personality"]))
                    seen = {self.say([*words, "sh", "-c", script]).split()[0] for _ in range(8)}
                    self.assertEqual(layouts, len(seen) == 1, seen)

    def test_bad_input(self):
        marker = self.work / "ran"
        rows = [
            ("strict", ("--share", "pid"), "--share pid: "),
            ("strict", ("--share", "net"), "write --share-net"),
            ("strict", ("--share", "user"), "--share takes ipc|uts|cgroup, not user"),
            ("strict", ("--share", ""), "--share takes ipc|uts|cgroup, not "),
            ("strict", ("--share", "ipc", "--share", "ipc"), "--share ipc is given twice"),
            ("strict", ("--share", "uts", "--hostname", "a"), "--hostname would rename the host"),
            ("strict", ("--hostname", "a", "--share", "uts"), "--hostname would rename the host"),
            ("landlock", ("--share", "ipc"), "need --mode=strict"),
            ("landlock", ("--hostname", "a"), "need --mode=strict"),
            ("strict", ("--no-aslr=1",), "--no-aslr takes no value"),
        ]
        rows += [("strict", ("--hostname", name), "--hostname needs 1 to 64 letters")
                 for name in ("", "a b", "-a", ".a", "a/b", "ä", "a" * 65)]
        bare = self.say(["uname", "-n"])
        for mode, options, message in rows:
            with self.subTest(options, mode=mode):
                done = self.run_in([*self.words(mode, *options), "touch", marker])
                self.assertEqual((125, 1), (done.returncode, done.stderr.count("\n")), done.stderr)
                self.assertIn(message, done.stderr)
                self.assertFalse(marker.exists())
        self.assertEqual(bare, self.say(["uname", "-n"]))


if __name__ == "__main__":
    harness.main()
