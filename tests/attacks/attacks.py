"""Attacks as data: a row is tried without a sandbox, where it must work, and in each mode, where it must not.

A test file has a table of rows and a Case that tries them:

    class Files(attacks.Case):
        rows = (Row("read a file", "read {outside}/secret"), ...)

What a mode cannot hold is a gap, written in the row with its reason; it is a failure, too, when it no
longer gets through. Without a control that works nothing is shown: such a row is void, and only where
one of the features that it needs is missing. `run.sh FILE --gaps` lists the gaps and tries nothing.
"""

import collections
import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import termios
import fcntl
import typing

import features
import harness
import host
from harness import Void

SUCCEEDED, BLOCKED = 10, 0  # the victim's exit codes (tests/victims/outcome.h)
NOT_RUN = 125  # the tools'


@dataclasses.dataclass(frozen=True)
class Mode:
    """A chain: letters as in harness.stages(), the options of sandbox-exec, and whether it grants `shared`."""
    letters: str
    options: tuple = ()
    shared: bool = False

    @property
    def layered(self):
        return "c" in self.letters


MODES = {
    "strict": Mode("e", ("--mode=strict",)),
    "strict, read grant": Mode("e", ("--mode=strict",), shared=True),
    "landlock": Mode("e", ("--mode=landlock",), shared=True),
    "trace+landlock": Mode("te", ("--mode=landlock",), shared=True),
    "net+exec": Mode("ne"),
    "net+exec, read grant": Mode("ne", shared=True),
    "cow+exec": Mode("ce", shared=True),
    "all four": Mode("cnte", shared=True),
    "net": Mode("n"),
    "cow": Mode("c"),
}
EXEC = tuple(name for name, mode in MODES.items() if "e" in mode.letters)
LANDLOCK = ("landlock", "trace+landlock")
STRICT = tuple(name for name in EXEC if name not in LANDLOCK)
LAYERED = tuple(name for name, mode in MODES.items() if mode.layered)
WHOLE = (".",)  # of the work directory
CONFINING = EXEC + ("net", "cow")


def gaps(modes, reason):
    return {mode: reason for mode in modes}


@dataclasses.dataclass(frozen=True)
class Row:
    """One attack.

    name    a sentence's worth
    attack  words of tests/victims/attack, with names of host.Host.words() in braces
    modes   that promise to stop it
    gaps    mode: why it does not
    needs   names of features.py; without one of them the row is void
    how     what it must be stopped by: errno names or signals, "|" between, or "125": nothing is run;
            any errno when empty
    watched names within the work directory that may not change either, or come to be
    seen    the host tells whether it worked, not the attack, whose word is worth nothing
    stdin   "null", "terminal", a path, or "socket tcp", "socket udp", "socket unix": one that was made outside
    fds     of the host, inherited: name of the word: path
    during  called with host and process while it runs, for an attack that says "ready"
    user    run by this uid, when root runs the test
    """
    name: str
    attack: str
    modes: tuple = EXEC
    gaps: typing.Mapping = dataclasses.field(default_factory=dict)
    needs: tuple = ()
    how: str = ""
    watched: tuple = ()
    seen: bool = False
    stdin: str = "null"
    fds: typing.Mapping = dataclasses.field(default_factory=dict)
    during: typing.Callable = None
    user: int = None


@dataclasses.dataclass(frozen=True)
class Attempt:
    succeeded: bool
    detail: str  # the attack's own words
    harm: list
    broken: bool = False  # it could not be tried


class Descriptor:
    """A number with a close()."""

    def __init__(self, number):
        self.number = number

    def fileno(self):
        return self.number

    def close(self):
        os.close(self.number)


class Case(harness.Case):
    """Tries `rows`; the summary goes to stderr."""

    rows = ()
    modes = MODES  # a test may have more of its own
    parent = "/var/tmp"  # short enough for a socket's path, and not hidden by a private /tmp

    def setUp(self):
        super().setUp()
        os.chmod(self.top, 0o755)
        self.binaries = self.top / "bin"
        shutil.copytree(harness.BIN, self.binaries, copy_function=shutil.copy)
        os.chmod(self.binaries, 0o755)
        self.host = host.Host(self.top, self.binaries)
        self.addCleanup(self.host.close)
        self.tally = collections.defaultdict(collections.Counter)

    def prepare(self, work):
        """What a test wants to find in the work directory beside the usual."""

    def chain(self, mode):
        tool = {letter: str(self.binaries / f"sandbox-{name}")
                for letter, name in zip("cnte", ("cow", "netbridge", "trace", "exec"))}
        port = self.host.servers.endpoints["tcp"].address[1]
        shared = ("-r", str(self.host.shared)) if mode.shared else ()
        words = {
            "c": (tool["c"], "--workdir", str(self.work), "--on-success", "discard", "--on-failure", "discard"),
            "n": (tool["n"], "--allow", f"allowed.test:{port}", "--resolve", "allowed.test=127.0.0.1"),
            "t": (tool["t"],),
            "e": (tool["e"], *(word.format(**self.host.words()) for word in mode.options), "--system", "-w", str(self.work), *shared),
        }
        return [word for letter in mode.letters for word in (*words[letter], "--")]

    def attempt(self, row, chain, watched):
        """Runs the attack in the chain, or without one."""
        inherited = {name: os.open(path.format(**self.host.words()), os.O_RDONLY)
                     for name, path in row.fds.items()}
        words = {**self.host.words(), **inherited}
        argv = [*chain, str(self.work / "attack"), *(word.format(**words) for word in row.attack.split())]
        if row.user is not None and os.geteuid() == 0:
            argv = ["setpriv", f"--reuid={row.user}", f"--regid={row.user}", "--clear-groups", *argv]
        self.host.fill_work()
        self.prepare(self.work)
        before = self.host.look(watched)
        try:
            process = self.start(row, argv, list(inherited.values()))
            first = process.stdout.readline() if row.during is not None else ""
            if first == "ready\n":
                row.during(self.host, process)
            out, err = process.communicate(timeout=harness.DEADLINE)
            out = out or first
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        finally:
            for descriptor in inherited.values():
                os.close(descriptor)
        harm = self.host.harm(before, watched) + self.survivors()
        told = out.splitlines()[-1] if out else ""
        status = harness.exit_status(process.returncode)
        if status == NOT_RUN and row.how == str(NOT_RUN):
            return Attempt(bool(harm), row.how, harm)
        if row.seen and (status in (SUCCEEDED, BLOCKED) or status > 128):
            return Attempt(bool(harm), told, harm)
        if status == SUCCEEDED and told == "succeeded":
            return Attempt(True, told, harm)
        if status == BLOCKED and told.startswith("blocked "):
            return Attempt(bool(harm), told.partition(" ")[2], harm)
        return Attempt(False, f"status {status}: {out}{err}", harm, broken=True)

    def start(self, row, argv, inherited):
        kwargs = {"process_group": self.host.victim.pid}
        if row.stdin == "terminal":
            stdin = self.host.terminal
            kwargs = {"start_new_session": True,
                      "preexec_fn": lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)}
        elif row.during is not None:
            stdin = subprocess.PIPE
        elif row.stdin == "null":
            stdin = subprocess.DEVNULL
        elif row.stdin.startswith("socket"):
            stdin = self.host.inherited_socket(row.stdin)
        else:
            stdin = Descriptor(os.open(row.stdin.format(**self.host.words()), os.O_RDONLY))
        process = self.popen(argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             errors="surrogateescape", pass_fds=inherited, **kwargs)
        if hasattr(stdin, "close"):
            stdin.close()
        return process

    def survivors(self):
        """What of the attack is alive, and is no longer after this."""
        left = self.alive()
        for pid, _ in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return [f"alive: {pid} {words}" for pid, words in left]

    def try_row(self, row):
        lacking = features.lacking(row.needs)
        with self.subTest(f"{row.name}: control"):
            control = self.attempt(row, [], row.watched)
            self.host.reset()
            if lacking:
                self.tally["control"]["void"] += 1
                raise Void(lacking)
            self.assertFalse(control.broken, control.detail)
            self.assertTrue(control.succeeded, f"the control was stopped: {control}")
            self.tally["control"]["worked"] += 1
        for name in row.modes:
            with self.subTest(f"{row.name}: {name}"):
                mode = self.modes[name]
                outcome = self.attempt(row, self.chain(mode), row.watched or WHOLE * mode.layered)
                verdict = self.judge(row, name, outcome, lacking)
                self.tally[name][verdict] += 1
                if outcome.harm:
                    self.host.reset()
                if verdict == "void":
                    raise Void(lacking)
                self.assertIn(verdict, ("blocked", "gap"), outcome)

    @staticmethod
    def judge(row, name, outcome, lacking):
        if outcome.broken:
            return "broken"
        if name in row.gaps:
            if lacking:
                return "void"
            return "gap" if outcome.succeeded else "a gap that is none"
        if outcome.succeeded:
            return "unexpected"
        if row.how and outcome.detail not in row.how.split("|"):
            return "stopped by another"
        return "void" if lacking else "blocked"

    def test_rows(self):
        for row in self.rows:
            self.try_row(row)
        for name, counts in self.tally.items():
            print(f"{name}: " + ", ".join(f"{what} {count}" for what, count in sorted(counts.items())),
                  file=sys.stderr)


def print_gaps():
    """What the modes do not hold: a line for each reason, of each file that is run with --gaps."""
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for case in Case.__subclasses__():
        for row in case.rows:
            for mode, reason in row.gaps.items():
                found[reason][row.name].append(mode)
    for reason, names in found.items():
        modes = {mode for listed in names.values() for mode in listed}
        print(f"- {', '.join(name for name in MODES if name in modes)}: {reason}: {', '.join(names)}")


def main():
    print_gaps() if "--gaps" in sys.argv else harness.main()
