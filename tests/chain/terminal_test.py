"""Chains on a terminal: as jobs of an interactive shell, and with an interactive shell inside.

What a shell shows of a job is compared with what it shows of the bare command."""

import os
import re
import signal
import unittest

import pexpect

import harness

PROMPT = "ready> "

# Says when it is up, handles Ctrl-Z as an editor does, and counts Ctrl-C.
EDITOR = """
import os, signal, sys, time
def stop(n, f):
    print('restored', flush=True)
    signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTSTP)
    signal.signal(signal.SIGTSTP, stop)
    print('redrawn', flush=True)
signal.signal(signal.SIGTSTP, stop)
print('up', flush=True)
while True: time.sleep(1000)
"""

CHAINS = ("e", "t", "cnt", "cnte")


class Terminal(harness.Case):
    def shell(self, *command):
        """An interactive shell, or `command`, on a terminal of its own."""
        words = [str(word) for word in command] or ["/bin/bash", "--norc", "--noprofile", "-i"]
        child = pexpect.spawn(words[0], words[1:], cwd=str(self.work), timeout=harness.DEADLINE, echo=False,
                              env=self.env(PS1=PROMPT, HISTFILE="", BASH_SILENCE_DEPRECATION_WARNING="1"), encoding="utf-8",
                              dimensions=(24, 500))
        self.addCleanup(child.close, force=True)
        child.expect_exact(PROMPT)
        return child

    def say(self, shell, text):
        """A line for the shell; returns what it shows up to the next prompt."""
        shell.sendline(text)
        shell.expect_exact(PROMPT)
        return shell.before.replace("\r\n", "\n")

    def chain(self, letters):
        return " ".join(harness.line(letters, self.work))

    def status(self, shell):
        return self.say(shell, "echo status:$?").rpartition("status:")[2].strip()

    def jobs(self, shell):
        """The states of the jobs, without their command lines."""
        return re.findall(r"\[\d+\][-+ ]*(\S+(?: \(\S+\))?)", self.say(shell, "jobs"))

    def started(self, shell, letters, command):
        shell.sendline(f"{self.chain(letters)} {command}")
        shell.expect_exact("up\r\n")

    def test_keys_end_the_command_as_bare(self):
        for key, status in (("\x03", "130"), ("\x1c", "131")):
            for letters in ("",) + CHAINS:
                with self.subTest(letters, key=key):
                    shell = self.shell()
                    self.started(shell, letters, "sh -c 'echo up; exec sleep 1000'")
                    shell.send(key)
                    shell.expect_exact(PROMPT)
                    self.assertEqual(status, self.status(shell))
                    shell.close()
                    self.assert_nothing_left()

    def test_a_handler_of_the_command_has_the_key_alone(self):
        script = "'trap \"echo got\" INT; echo up; n=0; while [ $n != 3 ]; do sleep 1000; n=$((n+1)); done; exit 9'"
        for letters in ("",) + CHAINS:
            with self.subTest(letters):
                shell = self.shell()
                self.started(shell, letters, "sh -c " + script)
                for _ in range(3):
                    shell.send("\x03")
                    shell.expect_exact("got\r\n")
                shell.expect_exact(PROMPT)
                self.assertEqual("9", self.status(shell))

    def test_stop_and_continue_as_bare(self):
        shown = {}
        for letters in ("",) + CHAINS:
            with self.subTest(letters):
                shell = self.shell()
                shell.sendline(f"{self.chain(letters)} sh -c 'echo up; read x; exit $x'")
                shell.expect_exact("up\r\n")
                shell.send("\x1a")
                shell.expect_exact(PROMPT)
                states = [self.status(shell), *self.jobs(shell)]
                self.say(shell, "bg; wait %1 2>/dev/null")  # it reads from the terminal: stopped again
                states += self.jobs(shell)
                shell.sendline("fg")
                shell.expect_exact("sh -c")
                shell.sendline("7")
                shell.expect_exact(PROMPT)
                states += [self.status(shell), *self.jobs(shell)]
                shown[letters] = states
                self.assertEqual(shown[""], states)
                shell.close()
                self.assert_nothing_left()
        self.assertEqual("148", shown[""][0])

    def test_a_command_that_restores_the_screen_is_not_overtaken(self):
        editor = self.work / "editor.py"
        editor.write_text(EDITOR)
        for letters in ("",) + CHAINS:
            with self.subTest(letters):
                shell = self.shell()
                self.started(shell, letters, "python3 editor.py")
                for _ in range(2):
                    shell.send("\x1a")
                    shell.expect_exact(PROMPT)
                    self.assertRegex(shell.before, r"(?s)restored.*Stopped")
                    shell.sendline("fg")
                    shell.expect_exact("redrawn\r\n")
                shell.send("\x03")
                shell.expect_exact(PROMPT)
                self.assertIn(self.status(shell), ("1", "130"))

    def test_continuing_the_outermost_continues_all(self):
        for letters in ("",) + CHAINS:
            with self.subTest(letters):
                shell = self.shell()
                self.started(shell, letters, "sh -c 'echo up; read x; exit $x'")
                shell.send("\x1a")
                shell.expect_exact(PROMPT)
                pid = int(self.say(shell, "jobs -p").split()[-1])
                os.kill(pid, signal.SIGCONT)
                # Now in the background, it is stopped by its read, which the shell notices.
                shell.sendline("fg")
                shell.expect_exact("sh -c")
                shell.sendline("5")
                shell.expect_exact(PROMPT)
                self.assertEqual("5", self.status(shell))

    def test_pipelines_of_sandboxes_are_one_job(self):
        shell = self.shell()
        chain = self.chain("e")
        shell.sendline(f"{chain} sh -c 'echo up >&2; exec cat' | {chain} cat | {chain} cat")
        shell.expect_exact("up\r\n")
        shell.send("\x1a")
        shell.expect_exact(PROMPT)
        self.assertEqual(["Stopped"], self.jobs(shell)[:1])
        shell.sendline("fg")
        shell.expect_exact("cat | ")
        shell.sendline("through")
        shell.expect_exact("through\r\n")
        shell.send("\x03")
        shell.expect_exact(PROMPT)
        self.assertEqual("130", self.status(shell))
        shell.close()
        self.assert_nothing_left()

    def test_a_closed_terminal_ends_all(self):
        for letters in CHAINS:
            with self.subTest(letters):
                shell = self.shell()
                self.started(shell, letters, "sh -c 'echo up; exec sleep 1000'")
                shell.close(force=False)
                if letters == "t":
                    self.wait_until(lambda: not self.alive(), "the terminal's session ends")
                self.assert_nothing_left()

    def test_term_to_the_outermost(self):
        for letters in ("",) + CHAINS:
            with self.subTest(letters):
                shell = self.shell()
                said = self.say(shell, f"{self.chain(letters)} sh -c 'echo up; exec sleep 1000' & echo pid:$!")
                pid = int(re.search(r"pid:(\d+)", said).group(1))
                if "up" not in said:
                    shell.expect_exact("up\r\n")
                os.kill(pid, signal.SIGTERM)
                self.assertIn("143", self.say(shell, f"wait {pid}; echo $?"))

    def test_an_interactive_shell_through_the_whole_chain(self):
        words = harness.line("cnte", self.work)
        shell = self.shell(*words, "/bin/bash", "--norc", "--noprofile", "-i")
        self.assertNotIn("no job control", shell.before)
        self.assertIn("m", self.say(shell, "echo $-").split()[-1])
        # Job control inside.
        shell.sendline("sh -c 'echo up; exec sleep 1000'")
        shell.expect_exact("up\r\n")
        shell.send("\x1a")
        shell.expect_exact(PROMPT)
        self.assertEqual(["Stopped"], self.jobs(shell))
        self.say(shell, "bg")
        self.assertEqual(["Running"], self.jobs(shell))
        shell.sendline("fg")
        shell.expect_exact("sleep 1000")
        shell.send("\x03")
        shell.expect_exact(PROMPT)
        self.assertEqual("130", self.status(shell))
        # Pipelines, files, the prompt after Ctrl-C at an empty line.
        self.assertIn("xyz", self.say(shell, "echo abc | tr a-c x-z | cat"))
        shell.send("\x03")
        shell.expect_exact(PROMPT)
        self.say(shell, "echo made > made; stty -echo")
        self.assertFalse((self.work / "made").exists(), "it is in the layer")
        shell.sendline("exit 0")
        shell.expect(pexpect.EOF)
        shell.close()
        self.assertEqual(0, shell.exitstatus)
        self.assertEqual("made\n", (self.work / "made").read_text())
        self.assert_nothing_left()


if __name__ == "__main__":
    harness.main()
