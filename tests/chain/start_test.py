"""How the command starts: descriptors, directory, session, core dumps, huge pages."""

import os
import pty
import resource
import signal
import subprocess

import harness
from harness import COW, EXEC

MODES = ("strict", "landlock")


class Start(harness.Case):
    def words(self, mode, *options):
        return [EXEC, "--mode", mode, "--system", "-w", self.work, *options, "--"]

    def each(self, *options):
        return [self.words(mode, *options) for mode in MODES]

    def say(self, argv, **kwargs):
        done = self.run_in(argv, **kwargs)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout

    def test_kept_descriptors_and_no_others(self):
        pipes = os.pipe()
        for number in (7, 9, 12):
            os.dup2(pipes[1], number)
        self.addCleanup(lambda: [os.close(n) for n in (7, 9, 12, *pipes)])
        write = "import os; os.write(9, b'x')"
        for words in self.each():  # the control: what is not named stays outside
            self.assertIn("Bad file descriptor", self.run_in(
                [*words, "python3", "-c", write], pass_fds=(9,)).stderr)
        for words in self.each("--keep-fd", "9", "--keep-fd=7"):
            listed = self.say([*words, "sh", "-c", "ls /proc/$$/fd"], pass_fds=(7, 9, 12)).split()
            self.assertEqual(["0", "1", "2", "7", "9"], sorted(listed))
            self.say([*words, "python3", "-c", write], pass_fds=(7, 9, 12))
            self.assertEqual(b"x", os.read(pipes[0], 10))

    def test_a_kept_pipe_ends_when_the_command_closes_it(self):
        for words in self.each("--keep-fd", "9"):
            read, write = os.pipe()
            os.dup2(write, 9)
            os.close(write)
            process = self.popen([*words, "sh", "-c", "exec 9>&-; cat"], pass_fds=(9,),
                                 stdin=subprocess.PIPE)
            os.close(9)
            self.assertEqual(b"", os.read(read, 1))
            process.stdin.close()
            self.assertEqual(0, process.wait(harness.DEADLINE))
            os.close(read)

    def test_directory(self):
        inner = self.work / "inner"
        inner.mkdir(exist_ok=True)
        for given in ("inner", inner):
            for words in self.each("--cwd", given):
                self.assertEqual(f"{inner}\n", self.say([*words, "pwd"]))
        for words in self.each():  # the control
            self.assertEqual(f"{self.work}\n", self.say([*words, "pwd"]))
        # Of the sandbox: a private one is as good.
        self.assertEqual("/dev/shm\n", self.say([*self.words("strict", "--cwd", "/dev/shm"), "pwd"]))

    def test_a_directory_that_cannot_be_entered_is_an_error(self):
        hidden = self.top / "hidden"
        hidden.mkdir()
        marker = self.work / "ran"
        rows = [("strict", hidden), ("strict", self.work / "none"), ("landlock", self.work / "none")]
        for mode, given in rows:
            with self.subTest(mode=mode, given=given):
                done = self.run_in([*self.words(mode, "--cwd", given), "touch", marker])
                self.assertEqual((125, 1), (done.returncode, done.stderr.count("\n")), done.stderr)
                self.assertIn(str(given), done.stderr)
                self.assertFalse(marker.exists())

    def test_session(self):
        script = "import os; print(os.getsid(0) == os.getpid())"
        for words in self.each("--new-session"):
            # As a shell starts it: the leader of a group.
            self.assertEqual("True\n", self.say([*words, "python3", "-c", script], process_group=0))
            self.assertEqual("True\n", self.say([*words, "python3", "-c", script]))
        for words in self.each():  # the control
            self.assertEqual("False\n", self.say([*words, "python3", "-c", script], process_group=0))

    def on_terminal(self, words):
        """What the command says of /dev/tty when the caller's session has a terminal."""
        script = '(exec 3<>/dev/tty) && echo has || echo "has not"'
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.work)
            out = os.open("said", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            os.dup2(out, 1)
            argv = [*map(str, words), "sh", "-c", script]
            os.execvpe(argv[0], argv, self.env())
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
        return status, (self.work / "said").read_text()

    def test_the_callers_terminal_is_not_the_sessions(self):
        self.assertEqual((0, "has\n"), self.on_terminal([]))  # the control
        for words in self.each("--new-session"):
            self.assertEqual("has not\n", self.on_terminal(words)[1])

    def test_signals_reach_another_session(self):
        script = "trap 'echo caught; exit 7' INT TERM; echo up; while :; do sleep 0.01; done"
        for words in self.each("--new-session"):
            for number in (signal.SIGINT, signal.SIGTERM):
                for to_group in (False, True):
                    process = self.popen([*words, "sh", "-c", script], stdout=subprocess.PIPE,
                                         text=True, process_group=0)
                    self.assertEqual("up\n", process.stdout.readline())
                    (os.killpg if to_group else os.kill)(process.pid, number)
                    self.assertEqual("caught\n", process.communicate(timeout=harness.DEADLINE)[0])
                    self.assertEqual(7, process.returncode)
        self.assert_nothing_left()

    def test_core_dumps(self):
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        limits = (min(4096, hard) if hard != resource.RLIM_INFINITY else 4096, hard)
        script = "import resource; print(*resource.getrlimit(resource.RLIMIT_CORE))"

        def lower():
            resource.setrlimit(resource.RLIMIT_CORE, limits)

        for words in self.each("--core-dumps"):
            self.assertEqual("{} {}\n".format(*limits),
                             self.say([*words, "python3", "-c", script], preexec_fn=lower))
        for words in self.each():  # the control
            self.assertNotEqual("{} {}\n".format(*limits),
                                self.say([*words, "python3", "-c", script], preexec_fn=lower))

    def test_huge_pages(self):
        script = ["grep", "-h", "THP_enabled", "/proc/self/status"]
        if "1" not in self.run_in(script).stdout:
            raise harness.Void("this kernel or caller has no huge pages")
        for words in self.each("--no-huge-pages"):
            self.assertEqual("THP_enabled:\t0\n", self.say([*words, *script]))
        for words in self.each():  # the control
            self.assertEqual("THP_enabled:\t1\n", self.say([*words, *script]))

    def test_umask_is_kept(self):
        for words in self.each():
            self.assertEqual("0027\n", self.say([*words, "sh", "-c", "umask"],
                                                preexec_fn=lambda: os.umask(0o27)))

    def test_bad_input(self):
        marker = self.work / "ran"
        directory = os.open(self.work, os.O_RDONLY)
        file = os.open(os.devnull, os.O_RDONLY)
        self.addCleanup(lambda: [os.close(n) for n in (directory, file)])
        words = self.words("strict")[:-1]
        rows = [
            ([*words, "--keep-fd", "1"], "0, 1 and 2 are passed on always"),
            ([*words, "--keep-fd", "900"], "--keep-fd 900 is not open"),
            ([*words, "--keep-fd", "x"], "--keep-fd needs the number of a descriptor, not x"),
            ([*words, "--keep-fd", "-1"], "--keep-fd needs the number of a descriptor, not -1"),
            ([*words, "--keep-fd", file, "--keep-fd", file], f"--keep-fd {file} is given twice"),
            ([*words, "--keep-fd", directory], f"--keep-fd {directory} is a directory"),
            ([*words, "--keep-fd", file, "--status-fd", file], "is that of --status-fd"),
            (["sh", "-c", 'exec "$@" 3</dev/null', "sh", COW, "--workdir", self.home, "--", *words,
              "--keep-fd", "3"], "--keep-fd "),
            ([*words, "--cwd", ""], "--cwd needs a path"),
            ([*words, "--cwd", "a", "--cwd", "b"], "--cwd is given twice"),
            ([*words, "--new-session=yes"], "--new-session takes no value"),
            ([EXEC, "--realise", "--new-session"], "--realise restricts nothing of its own"),
        ]
        for argv, message in rows:
            with self.subTest(argv):
                done = self.run_in([*argv, "--", "touch", marker], pass_fds=(directory, file))
                lines = [l for l in done.stderr.splitlines() if l.startswith("sandbox-exec: ")]
                self.assertEqual((125, 1), (done.returncode, len(lines)), done.stderr)
                self.assertIn(message, lines[0])
                self.assertFalse(marker.exists())


if __name__ == "__main__":
    harness.main()
