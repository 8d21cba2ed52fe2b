"""Options that a file or a descriptor brings, and what is wrong with them."""

import os

import harness
from harness import COW, EXEC, NET, TRACE

MODES = ("strict", "landlock")


class Options(harness.Case):
    def pipe(self, data):
        """The read end of a pipe that holds `data` and has no writer."""
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        os.write(write, data)
        os.close(write)
        return read

    def test_a_file_grants_what_its_lines_say(self):
        given, other = self.top / "given", self.top / "other"
        for path in (given, other):
            path.write_text("seen")
        (self.work / "rights").write_text(f"--system\n--read\n{given}\n-w\n{self.work}\n")
        for mode in MODES:
            words = [EXEC, "--mode", mode, "@rights", "--", "cat"]
            done = self.run_in([*words, given])
            self.assertEqual((0, "seen"), (done.returncode, done.stdout), done.stderr)
            self.assertNotEqual(0, self.run_in([*words, other]).returncode)

    def test_a_descriptor_grants_what_its_words_say_and_is_closed(self):
        for mode in MODES:
            read = self.pipe(f"--system\0-w\0{self.work}\0".encode())
            done = self.run_in([EXEC, "--mode", mode, "--args-fd", read, "sh", "-c", "ls /proc/$$/fd"],
                               pass_fds=(read,))
            self.assertEqual((0, ["0", "1", "2"]), (done.returncode, sorted(done.stdout.split())), done.stderr)

    def test_standard_input_may_bring_them(self):
        for mode in MODES:
            done = self.run_in([EXEC, "--mode", mode, "--args-fd=0", "-w", self.work, "cat"],
                               stdin=self.pipe(b"--system\0"))
            self.assertEqual((0, ""), (done.returncode, done.stdout), done.stderr)

    def test_each_stage_of_a_chain_takes_its_own(self):
        (self.work / "empty").write_text("")
        (self.work / "rights").write_text(f"--system\n-w{self.work}\n")
        read = self.pipe(f"--workdir\0{self.work}\0--on-success=discard\0".encode())
        done = self.run_in([COW, "--args-fd", read, "--", NET, "@empty", "--", TRACE, "@empty", "--", EXEC, "@rights",
                            "--", "sh", "-c", "echo > new; echo $0", "@empty"], pass_fds=(read,))
        self.assertEqual((0, "@empty\n"), (done.returncode, done.stdout), done.stderr)
        self.assertFalse((self.work / "new").exists())

    def test_what_is_wrong_is_one_line_and_125(self):
        bad = {
            "gone": (None, "No such file or directory"),
            "command": ("--system\nsh\n", "'sh' is no option"),
            "two in a line": ("-r /usr\n", "a word of its own"),
            "dashes": ("--\n", "'--' is no option"),
            "nested": ("@command\n", "only the command line"),
            "nested descriptor": ("--args-fd\n0\n", "only the command line"),
            "value behind": ("--system\n-w\n", "-w needs PATH"),
            "unknown": ("--frobnicate\n", "unknown option --frobnicate"),
            "large": ("--system\n" + "#" * (1 << 20), "larger than 1 MiB"),
            ".": (None, "Is a directory"),
        }
        for name, (text, _) in bad.items():
            if text is not None:
                (self.work / name).write_text(text)
        for tool in (EXEC, COW, NET, TRACE):
            for name, (_, says) in bad.items():
                with self.subTest(tool=tool, name=name):
                    done = self.run_in([tool, f"@{name}", "--", "sh", "-c", "echo ran"])
                    self.assertEqual((125, ""), (done.returncode, done.stdout), done.stderr)
                    self.assertEqual(1, done.stderr.count("\n"), done.stderr)
                    self.assertIn(f"@{name}: ", done.stderr)
                    rights = name in ("command", "two in a line", "value behind")
                    self.assertIn("unknown option" if rights and tool != EXEC else says, done.stderr)
        for data in (b"", b"--system", b"--system\0-w"):
            done = self.run_in([EXEC, "--args-fd", "0", "sh", "-c", "echo ran"], stdin=self.pipe(data))
            self.assertEqual((125, ""), (done.returncode, done.stdout), done.stderr)
            self.assertIn("does not end in a NUL", done.stderr)
        for words in (["--args-fd", "77"], ["--args-fd", "x"], ["--args-fd"]):
            done = self.run_in([EXEC, *words])
            self.assertEqual(125, done.returncode)
            self.assertEqual(1, done.stderr.count("\n"), done.stderr)


if __name__ == "__main__":
    harness.main()
