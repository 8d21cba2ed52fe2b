"""kill -9 and SIGSTOP of each process of a chain, at rest and while it is set up."""

import os
import random
import signal
import subprocess
import time
import unittest

import harness
from harness import COW

# The chains with each keeper alone and all of them.
CHAINS = ("e", "t", "n", "c", "ne", "cnt", "cnte", "tcne")

# Of set-up, at which a process of the chain is killed. More of them, and in every chain, in the deep run.
POINTS = int(os.environ.get("SANDBOX_TEST_KILL_POINTS", "20"))

# Says WEAK when it has more than was asked for, leaves a daemon, which says when it has a session of
# its own, and waits. What it checks, the shell does itself: a process that is killed says nothing.
COMMAND = r"""
while read -r name value; do
  case $name in
    NoNewPrivs:) [ "$value" = 1 ] || echo WEAK: privileges ;;
    CapEff:) [ "$value" = 0000000000000000 ] || echo WEAK: capabilities ;;
  esac
done </proc/self/status
[ -n "$CONFINED" ] && { read -r line <"$SECRET"; } 2>/dev/null && echo WEAK: "$line"
setsid sh -c 'trap "" HUP TERM; echo up; sleep 1000; :' "$0" &
read -r line && exit 7
exec sleep 1000
"""


class Kill(harness.Case):
    def setUp(self):
        super().setUp()
        self.secret = self.top / "secret"
        self.secret.write_text("secret\n")
        self.confined = False

    def start(self, letters):
        """A chain in a session of its own, by which its processes are found."""
        self.confined = any(letter in letters for letter in "cne")
        env = self.env(SECRET=str(self.secret), CONFINED="x" if "e" in letters else "")
        return self.popen(harness.line(letters, self.work) + ["sh", "-c", COMMAND, str(self.top)],
                          env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, start_new_session=True)

    def members(self, leader):
        """The living processes of the session of `leader`, oldest first: the line down to the command."""
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open(f"/proc/{entry}/stat", "rb") as file:
                    fields = file.read().rpartition(b") ")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader and fields[0] != b"Z":
                found.append((int(fields[19]), int(entry)))
        return [pid for _, pid in sorted(found)]

    def ended(self, process, line=None):
        try:
            return self.ended_or_fails(process, line)
        except AssertionError as error:
            # What is left would spoil the next case.
            left = self.alive()
            for pid in {pid for pid, _ in left} | set(self.members(process.pid)):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            process.communicate()
            raise AssertionError(f"{error}; alive: {left}") from error

    def ended_or_fails(self, process, line):
        """The output and status of a chain that must end now, with nothing alive after it."""
        if line is not None:
            try:
                process.stdin.write(line)
                process.stdin.flush()
            except BrokenPipeError:
                pass
        # The little that is written here fits into the pipes.
        self.wait_until(lambda: process.poll() is not None, "the chain ends")
        self.wait_until(lambda: not self.members(process.pid), "the session is empty")
        if not self.confined:
            # An observer makes no promise about daemons: they stay as bare, and are ended here.
            for pid, _ in self.alive():
                os.kill(pid, signal.SIGKILL)
        self.wait_until(lambda: not self.alive(), "nothing is alive")
        out, err = process.communicate(timeout=harness.DEADLINE)
        self.assertNotIn("WEAK", out)
        return process.returncode, out, err

    def assert_swept(self, letters):
        """A killed sandbox-cow leaves its layer, which the next one removes."""
        if "c" in letters:
            done = self.run_in([COW, "--workdir", str(self.work), "--", "true"])
            self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual([], list(self.work.iterdir()))
        self.assert_nothing_left()

    def rested(self, letters):
        """A chain whose command is up, and the processes that stand above and beside it."""
        process = self.start(letters)
        self.assertEqual("up\n", process.stdout.readline(), letters)
        return process, self.members(process.pid)

    def test_killing_any_process_at_rest_ends_all(self):
        for letters in CHAINS:
            process, members = self.rested(letters)
            count = len(members)
            self.assertGreaterEqual(count, len(letters) + 1, letters)
            process.kill()
            self.ended(process)
            for victim in range(count):
                with self.subTest(letters, victim=victim):
                    process, members = self.rested(letters)
                    self.assertEqual(count, len(members))
                    os.kill(members[victim], signal.SIGKILL)
                    status, _, _ = self.ended(process)
                    self.assertEqual(137, harness.exit_status(status))
                    self.assert_swept(letters)

    def test_killing_any_process_in_set_up_ends_all(self):
        chance = random.Random(1)
        for letters in CHAINS if POINTS > 20 else ("e", "nt", "cnte"):
            began = time.monotonic()
            process, _ = self.rested(letters)
            needed = time.monotonic() - began
            process.kill()
            self.ended(process)
            for point in range(POINTS):
                with self.subTest(letters, point=point):
                    process = self.start(letters)
                    # When does not matter to what must hold: it spreads the points over the set-up.
                    time.sleep(needed * point / (POINTS * 0.9))
                    members = self.members(process.pid)
                    if members:
                        try:
                            os.kill(chance.choice(members), signal.SIGKILL)
                        except ProcessLookupError:
                            pass
                    status, _, err = self.ended(process, "\n")
                    # 7, the command's own, when nobody in the line was hit but a helper whose work
                    # was done: any gap in the line breaks the way of the status.
                    self.assertIn(harness.exit_status(status), (7, 125, 137), err)
                    self.assert_swept(letters)

    def continued(self, process):
        """Continues the whole job, again and again: one that was about to stop as its child did would
        miss a single signal, as in every job."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGCONT)
        return process.poll() is not None

    def test_a_stopped_process_gives_nobody_more_and_goes_on(self):
        for letters in CHAINS:
            process, members = self.rested(letters)
            count = len(members)
            process.kill()
            self.ended(process)
            for victim in range(count):
                with self.subTest(letters, victim=victim):
                    process, members = self.rested(letters)
                    os.kill(members[victim], signal.SIGSTOP)
                    self.assertIsNone(process.poll())
                    process.stdin.write("\n")
                    process.stdin.flush()
                    self.wait_until(lambda: self.continued(process), "it goes on")
                    status, _, err = self.ended(process)
                    self.assertEqual(7, status, err)
                    self.assert_swept(letters)

    def test_a_chain_killed_whole_leaves_nothing(self):
        for letters in CHAINS:
            with self.subTest(letters):
                process, _ = self.rested(letters)
                os.killpg(process.pid, signal.SIGKILL)
                status, _, _ = self.ended(process)
                self.assertEqual(-signal.SIGKILL, status)
                self.assert_swept(letters)

    def test_without_a_sandbox_the_daemon_stays(self):
        """The control: the same command, bare."""
        process = self.start("")
        said = list(iter(process.stdout.readline, "up\n"))
        self.assertIn("WEAK: privileges\n", said)
        process.kill()
        process.wait(harness.DEADLINE)
        left = self.alive()
        self.assertTrue(left)
        for pid, _ in left:
            os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=harness.DEADLINE)


if __name__ == "__main__":
    harness.main()
