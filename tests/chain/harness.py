"""What the chain tests share: the four tools, commands in them, and what is left behind."""

import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from xml.sax.saxutils import quoteattr

BIN = pathlib.Path(os.environ["SANDBOX_TEST_BIN"])
COW, NET, TRACE, EXEC = (str(BIN / f"sandbox-{name}") for name in ("cow", "netbridge", "trace", "exec"))

# Generous: a test passes or fails by outcome, never by speed.
DEADLINE = 300

# What nohup and a shell's "&" ignore for all that they start; a test says itself what it ignores.
for _number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    signal.signal(_number, signal.SIG_DFL)

# How the reason of a void case begins.
VOID = "void: "


class Case(unittest.TestCase):
    """A test with a directory of its own, and a mark by which its processes are found."""

    parent = os.environ.get("TEST_TMPDIR")  # of that directory

    def setUp(self):
        self.mark = f"SANDBOX_TEST_MARK={os.getpid()}-{time.monotonic_ns()}"
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="sandbox-test-", dir=self.parent))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        self.work = self.top / "work"
        self.work.mkdir()
        self.home = self.top / "home"
        self.home.mkdir()

    def env(self, **more):
        name, value = self.mark.split("=")
        return {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(self.home), "LANG": "C", "TERM": "dumb",
                name: value, **more}

    def popen(self, argv, **kwargs):
        kwargs.setdefault("cwd", self.work)
        kwargs.setdefault("env", self.env())
        kwargs.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen([str(word) for word in argv], **kwargs)

    def run_in(self, argv, **kwargs):
        """Runs argv to its end; returns it with stdout and stderr as text."""
        kwargs.setdefault("stdout", subprocess.PIPE)
        kwargs.setdefault("stderr", subprocess.PIPE)
        process = self.popen(argv, text=True, errors="surrogateescape", **kwargs)
        try:
            out, err = process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            left = self.alive()
            process.kill()
            self.fail(f"no end of {argv}; alive: {left}")
        return subprocess.CompletedProcess(argv, process.returncode, out, err)

    def alive(self):
        """The processes that carry this test's mark, apart from the test itself."""
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit() or int(entry) == os.getpid():
                continue
            try:
                with open(f"/proc/{entry}/environ", "rb") as file:
                    marked = self.mark.encode() in file.read().split(b"\0")
                with open(f"/proc/{entry}/stat", "rb") as file:
                    state = file.read().rpartition(b") ")[2][:1]
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    words = file.read().replace(b"\0", b" ")[:80]
            except OSError:  # it ended while it was read
                continue
            if marked and state != b"Z":
                found.append((int(entry), words))
        return found

    def wait_until(self, condition, what):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.01)
        self.fail(f"waited in vain until {what}")

    def assert_nothing_left(self):
        self.wait_until(lambda: not self.alive(), "nothing is alive")
        self.assertEqual([], [p.name for p in self.top.iterdir() if p.name.startswith(".sandbox")])
        for stray in self.home.rglob(".sandbox-cow.*"):
            self.fail(f"left: {stray}")
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            self.assertNotIn(str(self.top), file.read())


def stages(work, port=None):
    """Each stage with sensible options, by letter."""
    net = [NET]
    if port is not None:
        net += ["--allow", f"origin.test:{port}", "--resolve", "origin.test=127.0.0.1"]
    return {
        "c": [COW, "--workdir", str(work), "--"],
        "n": net + ["--"],
        "t": [TRACE, "--"],
        "e": [EXEC, "--system", "-w", str(work), "--"],
    }


def chains():
    """Every subset of the stages in every order of the first three; exec last."""
    for size in range(4):
        for first in itertools.permutations("cnt", size):
            for last in ("", "e"):
                if first or last:
                    yield "".join(first) + last


def line(letters, work, port=None):
    table = stages(work, port)
    return [word for letter in letters for word in table[letter]]


def tree(top):
    """A tree as comparable data: path, type and mode, content or target."""
    result = {}
    for path in sorted(pathlib.Path(top).rglob("*")):
        info = path.lstat()
        if path.is_symlink():
            content = os.readlink(path)
        elif path.is_file():
            content = path.read_bytes()
        else:
            content = None
        result[str(path.relative_to(top))] = (oct(info.st_mode), content)
    return result


def exit_status(returncode):
    """As a shell shows it."""
    return 128 - returncode if returncode < 0 else returncode


class Void(unittest.SkipTest):
    """Raised by a case, or a sub-case, whose control cannot work here: it shows nothing."""

    def __init__(self, reason):
        super().__init__(VOID + reason)


class XmlResult(unittest.TextTestResult):
    """Counts for whoever asked with XML_OUTPUT_FILE: a sub-test is a case, and a void case is none."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.cases = []  # name, what comes between the tags
        self.void = 0
        self.has_sub_cases = False

    def startTest(self, test):
        super().startTest(test)
        self.has_sub_cases = False

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        self.has_sub_cases = True
        self.cases.append((str(subtest), "" if err is None else "<failure/>"))

    def addSuccess(self, test):
        super().addSuccess(test)
        if not self.has_sub_cases:
            self.cases.append((str(test), ""))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.cases.append((str(test), "<failure/>"))

    def addError(self, test, err):
        super().addError(test, err)
        self.cases.append((str(test), "<failure/>"))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.has_sub_cases = True
        if reason.startswith(VOID):
            self.void += 1
        else:
            self.cases.append((str(test), "<skipped/>"))

    def stopTestRun(self):
        super().stopTestRun()
        target = os.environ.get("XML_OUTPUT_FILE")
        if not target:
            return
        failed = sum("failure" in inner for _, inner in self.cases)
        skipped = sum("skipped" in inner for _, inner in self.cases)
        with open(target, "w", encoding="utf-8") as file:
            file.write(f'<testsuites tests="{len(self.cases)}" failures="{failed}" skipped="{skipped}" '
                       f'void="{self.void}"><testsuite name="{os.path.basename(sys.argv[0])}">\n')
            for name, inner in self.cases:
                file.write(f"<testcase name={quoteattr(name)} status=\"run\">{inner}</testcase>\n")
            file.write("</testsuite></testsuites>\n")


def main():
    signal.signal(signal.SIGINT, signal.default_int_handler)
    runner = unittest.TextTestRunner(resultclass=XmlResult, verbosity=2, stream=sys.stderr)
    unittest.main(module="__main__", testRunner=runner)
