"""What a command sees of itself in each chain, and what a fake stage is given: shown by victims."""

import os
import resource
import shutil
import signal
import subprocess
import unittest

import harness
from harness import BIN, COW, EXEC, NET, TRACE

NOTHING = "0000000000000000"

# The namespaces of its own that the command has with each tool, beside a user and a mount namespace.
CONFINING = "cne"


class State(harness.Case):
    def state(self, argv, **kwargs):
        done = self.run_in([*argv, BIN / "probe_state"], **kwargs)
        self.assertEqual(0, done.returncode, done.stderr)
        return dict(line.split("=", 1) for line in done.stdout.splitlines())

    def chain(self, letters):
        """The chain's words; sandbox-exec must be able to see the victims."""
        words = [str(word) for word in harness.line(letters, self.work)]
        if letters.endswith("e"):
            words[-1:] = ["-r", str(BIN), "--"]
        return words

    def test_nothing_of_us_is_in_the_command(self):
        bare = self.state([])
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        least = str(hard if hard in (0, 1) else 1)
        for letters in harness.chains():
            with self.subTest(letters):
                state = self.state(self.chain(letters), env=self.env(SANDBOX_OTHER="x"))
                self.assertEqual("0,1,2", state["fds"])
                for name in ("CapInh", "CapPrm", "CapEff", "CapAmb", "SigBlk"):
                    self.assertEqual(NOTHING, state[name], name)
                self.assertEqual(bare["SigIgn"], state["SigIgn"])
                self.assertEqual("1", state["NoNewPrivs"])
                self.assertNotIn("SANDBOX_HANDOFF_FD", state["env"].split(","))
                for name in ("uid", "euid", "gid", "egid", "umask", "cwd"):
                    self.assertEqual(bare[name], state[name], name)
                # One byte: neither a file nor a program of the host's gets a core.
                self.assertEqual(least if letters.endswith("e") else bare["core"], state["core"])

    def test_only_what_confines_makes_namespaces(self):
        bare = self.state([])
        for letters in harness.chains():
            with self.subTest(letters):
                state = self.state(self.chain(letters))
                confined = any(letter in letters for letter in CONFINING)
                for name in ("ns_user", "ns_pid"):
                    self.assertEqual(confined, state[name] != bare[name], name)
                self.assertEqual("n" in letters or "e" in letters, state["ns_net"] != bare["ns_net"])
                if "c" in letters or "e" in letters:
                    self.assertNotEqual(bare["ns_mnt"], state["ns_mnt"])
                if confined:
                    self.assertEqual("2", state["pid"])

    def test_callers_descriptors_stay_outside_and_declared_ones_arrive(self):
        read, write = os.pipe()
        os.set_inheritable(read, True)
        os.set_inheritable(write, True)
        control = self.run_in([BIN / "attack", "inherited_fd", str(write)], close_fds=False)
        self.assertEqual("succeeded\n", control.stdout)
        for letters in harness.chains():
            with self.subTest(letters):
                done = self.run_in(self.chain(letters) + [str(BIN / "attack"), "inherited_fd", str(write)],
                                   close_fds=False)
                self.assertEqual((0, "blocked EBADF\n"), (done.returncode, done.stdout), done.stderr)
        os.close(read)
        os.close(write)

    def test_a_fake_stage_is_given_nothing(self):
        names = {"sandbox-exec": EXEC, "sandbox-netbridge": NET, "sandbox-trace": TRACE}
        elsewhere = self.work / "elsewhere"
        elsewhere.mkdir()
        report = self.work / "fake_stage.report"
        for name, real in names.items():
            fake = self.work / name
            shutil.copy(BIN / "fake_stage", fake)
            os.symlink(fake, elsewhere / name)
            rows = [(f"./{name}", {}), (str(fake), {}), (name, {"PATH": f"{self.work}:/usr/bin:/bin"}),
                    (str(elsewhere / name), {})]
            for word, more in rows:
                with self.subTest(word):
                    done = self.run_in([COW, "--workdir", ".", "--", word, "--system", "--", "true"],
                                       env=self.env(**more))
                    self.assertEqual(0, done.returncode, done.stderr)
                    self.assertEqual("handoff=none\nfds=\n", report.read_text())
                    report.unlink()
            # The control: the victim does report what it is given.
            with self.subTest(name + " control"):
                done = self.run_in([fake], env=self.env(SANDBOX_HANDOFF_FD="9"))
                self.assertEqual(63, done.returncode)
                self.assertEqual("handoff=9\nfds=\n", report.read_text())
                report.unlink()
            self.assertTrue(os.path.exists(real))
        self.assert_nothing_left()

    def test_statuses_of_static_programs_pass_through(self):
        for letters in ("e", "cnte"):
            for code in (0, 1, 124, 125, 126, 127, 128, 255):
                done = self.run_in(self.chain(letters) + [str(BIN / "exit_with"), str(code)])
                self.assertEqual(code, done.returncode, done.stderr)
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL, signal.SIGSEGV,
                           signal.SIGTERM, 34, 64):
                done = self.run_in(self.chain(letters) + [str(BIN / "die_of"), str(int(number))])
                self.assertEqual(-number, done.returncode, done.stderr)

    def test_each_signal_to_the_outermost_is_counted_once(self):
        for letters in ("e", "t", "cnte"):
            with self.subTest(letters):
                numbers = [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2]
                process = self.popen(
                    self.chain(letters) + [str(BIN / "signal_counter"), *(str(int(n)) for n in numbers)],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                self.assertEqual("ready\n", process.stdout.readline())
                for number in numbers:
                    process.send_signal(number)
                    self.assertEqual(f"{int(number)}\n", process.stdout.readline())
                out, err = process.communicate(timeout=harness.DEADLINE)
                self.assertEqual((4, "total 4\n"), (process.returncode, out), err)


if __name__ == "__main__":
    harness.main()
