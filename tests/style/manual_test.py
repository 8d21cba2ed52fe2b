#!/usr/bin/python3
"""The manuals have the options of the tools' tables, the sections of every page, and no fault."""

import re
import subprocess
import unittest

TOOLS = ("sandbox-cow", "sandbox-exec", "sandbox-netbridge", "sandbox-trace")
SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "PROCESSES", "FILE DESCRIPTORS",
            "ENVIRONMENT", "EXIT STATUS", "SECURITY", "KERNEL REQUIREMENTS", "EXAMPLES", "SEE ALSO"]
# Between these tools/dev/manual puts the table's options.
OPTIONS = re.compile(r'^\.\\" begin options[^\n]*\n(.*?)^\.\\" end options$',
                     re.DOTALL | re.MULTILINE)
LINTERS = (("mandoc", "-T", "lint", "-W", "warning"), ("groff", "-man", "-ww", "-z"))


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def page_path(tool):
    return f"{tool}/{tool}.1"


def page(tool):
    with open(page_path(tool), encoding="utf-8") as file:
        return file.read()


class Manual(unittest.TestCase):
    def test_options_are_those_of_the_table(self):
        for tool in TOOLS:
            with self.subTest(tool):
                table = run("tools/dev/describe", "man", tool).stdout
                self.assertEqual([table], OPTIONS.findall(page(tool)), "run tools/dev/manual")

    def test_help_lists_the_same_options(self):
        for tool in TOOLS:
            with self.subTest(tool):
                done = run(f"{tool}/{tool}", "--help")
                self.assertEqual((0, ""), (done.returncode, done.stderr))
                self.assertEqual(run("tools/dev/describe", "help", tool).stdout, done.stdout)
                listed = re.findall(r"^  (?:-\w, )?--([a-z-]+)", done.stdout, re.MULTILINE)
                section, = OPTIONS.findall(page(tool))
                tags = re.findall(r'^\.BR (?:\\-\w ", " )?\\-\\-(\S+)', section, re.MULTILINE)
                self.assertEqual(listed, [tag.replace("\\", "") for tag in tags])
                self.assertGreaterEqual(len(listed), 3)

    def test_sections_are_those_of_every_page(self):
        for tool in TOOLS:
            with self.subTest(tool):
                self.assertEqual(SECTIONS, re.findall(r"^\.SH (.*)$", page(tool), re.MULTILINE))

    def test_the_version_is_the_tools(self):
        for tool in TOOLS:
            with self.subTest(tool):
                version = run(f"{tool}/{tool}", "--version").stdout.split()[-1]
                self.assertIn(f'"Sandpipe {version}"', page(tool).splitlines()[0])

    def test_mandoc_and_groff_find_no_fault(self):
        for tool in TOOLS:
            for linter in LINTERS:
                with self.subTest(tool, linter=linter):
                    done = run(*linter, page_path(tool))
                    self.assertEqual((0, "", ""), (done.returncode, done.stdout, done.stderr))

    def test_the_linters_find_what_is_wrong(self):
        """The control."""
        for linter in LINTERS:
            done = subprocess.run(linter, input=".TH X 1\n.SH NAME\n.BX \\[nosuch]\n",
                                  capture_output=True, text=True, check=False)
            self.assertNotEqual("", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
