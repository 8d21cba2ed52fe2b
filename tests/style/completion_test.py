#!/usr/bin/python3
"""The completions know the tools' options, their values, and where the next program begins."""

import os
import shlex
import shutil
import subprocess
import tempfile
import unittest

TOOLS = ("sandbox-cow", "sandbox-exec", "sandbox-netbridge", "sandbox-trace")


def bash(script, **kwargs):
    done = subprocess.run(["bash", "--norc", "--noprofile", "-c", script], capture_output=True,
                          text=True, check=False, **kwargs)
    return done.returncode, done.stdout, done.stderr


def script_path(tool):
    return os.path.abspath(f"tools/dev/bash/{tool}")


class Completion(unittest.TestCase):
    def complete(self, *words, before="", **kwargs):
        """What bash would offer for the last of `words`; words as bash splits them."""
        tool = words[0]
        function = "_" + tool.replace("-", "_")
        status, out, err = bash(
            f"source {script_path(tool)}\n{before}\n"
            f"COMP_WORDS=({shlex.join(words)}) COMP_CWORD={len(words) - 1}\n{function}\n"
            "printf '%s\\n' \"${COMPREPLY[@]}\"\n", **kwargs)
        self.assertEqual((0, ""), (status, err), words)
        return out.split()

    def test_options(self):
        for tool in TOOLS:
            offered = self.complete(tool, "--")
            table = subprocess.run(["tools/dev/describe", "help", tool], capture_output=True,
                                   text=True, check=True).stdout
            for option in offered:
                self.assertIn(option, table)
            self.assertLessEqual({"--help", "--version"}, set(offered))
        self.assertEqual(["--mode"], self.complete("sandbox-exec", "--system", "--mo"))
        self.assertEqual(["--allow", "--args-fd"], self.complete("sandbox-netbridge", "--a"))

    def test_values(self):
        modes = ["auto", "strict", "landlock"]
        self.assertEqual(modes, self.complete("sandbox-exec", "--mode", ""))
        self.assertEqual(modes, self.complete("sandbox-exec", "--mode", "="))
        self.assertEqual(["strict"], self.complete("sandbox-exec", "--mode", "=", "s"))
        words = ("sandbox-cow", "--workdir", ".", "--on-failure", "k")
        self.assertEqual(["keep"], self.complete(*words))
        with tempfile.TemporaryDirectory() as top:
            os.mkdir(f"{top}/data")
            for option in ("-r", "--read", "-w", "--rw"):
                self.assertEqual(["data"], self.complete("sandbox-exec", option, "da", cwd=top))
        self.assertEqual([], self.complete("sandbox-trace", "--events-fd", "-"))

    def test_the_next_program(self):
        self.assertIn("grep", self.complete("sandbox-exec", "--system", "gre"))
        self.assertIn("grep", self.complete("sandbox-exec", "--mode", "=", "strict", "--", "gre"))
        # Its options are not ours, nor is what follows --.
        self.assertEqual([], self.complete("sandbox-exec", "--system", "make", "--sys"))
        self.assertEqual([], self.complete("sandbox-exec", "--", "--sys"))

    def test_the_next_programs_own_completion(self):
        """Where bash-completion is loaded, it is asked with the place of the next program."""
        stub = '_command_offset() { COMPREPLY=("$1"); }'
        rows = [(["sandbox-cow", "--workdir", ".", "--", "sandbox-exec", "--sy"], "4"),
                (["sandbox-exec", "--mode", "=", "strict", "ma"], "4"),
                (["sandbox-exec", "-r/usr", "-w", "x", "make", "-"], "4")]
        for words, offset in rows:
            self.assertEqual([offset], self.complete(*words, before=stub), words)

    def test_bash_knows_what_to_call(self):
        for tool in TOOLS:
            function = "_" + tool.replace("-", "_")
            status, out, err = bash(f"source {script_path(tool)} && complete -p {tool}")
            self.assertEqual((0, ""), (status, err))
            self.assertEqual(f"complete -o filenames -F {function} {tool}\n", out)

    def test_shells_can_read_the_scripts(self):
        for tool in TOOLS:
            scripts = {"bash": f"tools/dev/bash/{tool}", "zsh": f"tools/dev/zsh/_{tool}"}
            for shell, path in scripts.items():
                if shell == "zsh" and not shutil.which("zsh"):
                    continue  # no package of ours
                done = subprocess.run([shell, "-n", path], capture_output=True, text=True,
                                      check=False)
                self.assertEqual((0, ""), (done.returncode, done.stderr))


if __name__ == "__main__":
    unittest.main(verbosity=2)
