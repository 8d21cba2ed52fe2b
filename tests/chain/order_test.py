"""Every subset of the stages in every order, and the lines that are no chain."""

import http.server
import os
import shutil
import subprocess
import threading
import unittest

import harness
from harness import BIN, COW, EXEC, NET, TRACE


class Origin(threading.Thread):
    """An HTTP server on the host's loopback that counts who came."""

    def __init__(self):
        super().__init__(daemon=True)
        origin = self
        self.requests = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                origin.requests += 1
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"payload\n")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]

    def run(self):
        self.server.serve_forever()


STATE = r"""
ls /proc/self/fd | tr '\n' ' '; echo
grep -E '^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs|SigBlk):' /proc/self/status
env | grep ^SANDBOX_HANDOFF
echo end
"""


class Order(harness.Case):
    def test_every_subset_and_order_does_its_work(self):
        origin = Origin()
        origin.start()
        for letters in harness.chains():
            with self.subTest(letters):
                got = self.work / "got"
                before = origin.requests
                script = f"echo made > {self.work}/made; curl -sS --max-time 20 http://origin.test:{origin.port}/ -o {got}; cat {got} || exit 9"
                if "n" not in letters:
                    script = f"echo payload > {got}; echo made > {self.work}/made; cat {got}"
                done = self.run_in(harness.line(letters, self.work, origin.port) + ["sh", "-c", script])
                self.assertEqual(("payload\n", 0), (done.stdout, done.returncode), done.stderr)
                self.assertEqual(int("n" in letters), origin.requests - before)
                self.assertEqual("payload\n", got.read_text())
                self.assertEqual("made\n", (self.work / "made").read_text())
                got.unlink()
                (self.work / "made").unlink()
                self.assert_nothing_left()

    def test_the_command_sees_nothing_of_us(self):
        for letters in harness.chains():
            with self.subTest(letters):
                read, write = os.pipe()
                os.set_inheritable(write, True)
                done = self.run_in(harness.line(letters, self.work) + ["sh", "-c", STATE],
                                   close_fds=False)
                os.close(read)
                os.close(write)
                self.assertEqual(0, done.returncode, done.stderr)
                lines = done.stdout.splitlines()
                self.assertEqual("0 1 2 3", lines[0].strip(), "3 is ls's own")
                self.assertEqual("end", lines[-1])
                state = dict(l.split(":\t") for l in lines[1:-1])
                self.assertEqual("1", state.pop("NoNewPrivs"))
                self.assertEqual({"0000000000000000"}, set(state.values()), state)

    def test_a_program_between_makes_two_chains(self):
        done = self.run_in([COW, "--workdir", ".", "--", "env", EXEC, "--system", "-w", ".", "--",
                            "sh", "-c", "echo x > x; grep -c ^CapEff:.*0$ /proc/self/status"])
        self.assertEqual((0, "1\n"), (done.returncode, done.stdout), done.stderr)
        self.assertEqual("x\n", (self.work / "x").read_text())
        self.assert_nothing_left()

    def test_a_program_between_gets_no_power(self):
        # umount and what else would undo the layer, by a program between two stages.
        evil = self.work / "evil.sh"
        evil.write_text("#!/bin/sh\numount . && echo undone\ngrep ^CapEff /proc/self/status\n"
                        "ls /proc/self/fd | tr '\\n' ' '\necho ${SANDBOX_HANDOFF_FD-none}\nexec \"$@\"\n")
        evil.chmod(0o755)
        done = self.run_in([COW, "--workdir", ".", "--", "./evil.sh", EXEC, "--system", "--", "true"])
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual("CapEff:\t0000000000000000\n0 1 2 3 none\n", done.stdout)

    def test_a_fake_stage_gets_nothing(self):
        spy = "#!/bin/sh\necho fake ${SANDBOX_HANDOFF_FD-none}; ls /proc/self/fd | tr '\\n' ' '\n"
        fake = self.work / "sandbox-exec"
        fake.write_text(spy)
        fake.chmod(0o755)
        elsewhere = self.top / "sandbox-exec"
        shutil.copy(EXEC, elsewhere)
        cases = [
            (["./sandbox-exec", "--system", "--", "true"], "fake none\n0 1 2 3 "),
            (["sandbox-exec", "--system", "--", "true"], "fake none\n0 1 2 3 "),  # by PATH
        ]
        for words, expected in cases:
            with self.subTest(words):
                done = self.run_in([COW, "--workdir", ".", "--", *words],
                                   env=self.env(PATH=f"{self.work}:/usr/bin:/bin"))
                self.assertEqual((0, expected), (done.returncode, done.stdout), done.stderr)
        # A copy of ours is no stage of this installation: a nested sandbox.
        done = self.run_in([TRACE, "--", elsewhere, "--system", "--", "echo", "in"])
        self.assertIn("another supervisor", done.stderr) if done.returncode else self.assertEqual("in\n", done.stdout)

    def test_lines_that_are_no_chain(self):
        rows = [
            ([NET, "--", NET, "--", "true"], "sandbox-netbridge: cannot join this chain: it already has one"),
            ([COW, "--workdir", ".", "--", COW, "--workdir", ".", "--", "true"], "sandbox-cow: cannot join this chain"),
            ([EXEC, "--system", "--", COW, "--workdir", ".", "--", "true"],
             "sandbox-exec: sandbox-cow cannot work inside a finished sandbox; put it before sandbox-exec"),
            ([EXEC, "--system", "--", TRACE, "--", "true"], "sandbox-trace cannot work inside a finished sandbox"),
            ([EXEC, "ls"], "no file rights given: try --system"),
            ([EXEC], "no command given"),
            ([COW, "--", "true"], "name one with --workdir"),
            ([NET, "--allow", "host", "--", "true"], "name a port"),
            ([TRACE, "--events-fd", "2", "--", "true"], "take one from 3 on"),
            ([TRACE, "--events-fd", "77", "--", "true"], "is not open"),
            ([EXEC, "--ro-bind", "/", "/", "true"], "write -r PATH"),
            ([EXEC, "--system", "-r", "/nonexistent", "--", "true"], "cannot grant /nonexistent"),
            ([COW, "--workdir", ".", "--", EXEC, "--mode=landlock", "--system", "--", "true"], "needs them"),
        ]
        for argv, message in rows:
            with self.subTest(argv):
                done = self.run_in(argv)
                self.assertEqual(125, done.returncode, done.stderr)
                self.assertIn(message, done.stderr)
                self.assertEqual("", done.stdout)
                self.assert_nothing_left()

    def test_sandbox_exec_nests_in_place(self):
        done = self.run_in([EXEC, "--system", "-r", BIN, "-w", ".", "--", EXEC, "--mode=landlock", "--system", "-r", ".",
                            "--", "sh", "-c", "cat /etc/hostname >/dev/null && echo in; echo x > x; ls"])
        self.assertEqual((0, "in\n"), (done.returncode, done.stdout), done.stderr)

    def test_last_makes_any_word_the_command(self):
        done = self.run_in([TRACE, "--last", "--", EXEC, "--version"])
        self.assertEqual(0, done.returncode)
        self.assertIn("sandbox-exec 0.", done.stdout)

    def test_without_sandbox_exec_beside_it_a_tool_refuses(self):
        alone = self.top / "alone"
        alone.mkdir()
        shutil.copy(NET, alone)
        done = self.run_in([alone / "sandbox-netbridge", "--", "true"])
        self.assertEqual(125, done.returncode)
        self.assertIn("cannot confine true: sandbox-exec is not beside it", done.stderr)


if __name__ == "__main__":
    harness.main()
