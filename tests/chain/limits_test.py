"""Resources and time: what a command cannot have more of, and can without the limit."""

import json
import os
import resource
import subprocess

import harness
from harness import EXEC, NET, TRACE

MODES = ("strict", "landlock")
ROOT = os.geteuid() == 0

OPEN = "import os\nn = 0\ntry:\n  while n < 500: n = os.open('/dev/null', 0)\nexcept OSError as e: print(n, e.errno)"
GROW = "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n" \
       "with open('grown', 'wb', 0) as f:\n  try: print(f.write(b'x' * 10000), f.write(b'x'))\n" \
       "  except OSError as e: print(f.tell(), e.errno)"
MAP = "import mmap\ntry: mmap.mmap(-1, 3 << 30); print('mapped')\nexcept OSError as e: print(e.errno)"
# Forks children that wait, up to 40, and says how many there could be.
FORK = """
import os
r, w = os.pipe()
n = 0
try:
  while n < 40:
    if os.fork() == 0:
      os.close(w)
      os.read(r, 1)
      os._exit(0)
    n += 1
except OSError as e: print(n, e.errno, flush=True)
else: print(n, 'all', flush=True)
os.close(w)
for _ in range(n): os.wait()
"""


class Limits(harness.Case):
    def words(self, mode, *options):
        return [EXEC, "--mode", mode, "--system", "-w", self.work, *options, "--"]

    def say(self, argv):
        done = self.run_in(argv)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout

    def test_descriptors_files_and_memory(self):
        rows = [
            (("--open-files", "20"), OPEN, "19 24\n", ""),
            (("--file-size", "4K"), GROW, "4096 27\n", "10000 1\n"),
            (("--file-size", "4000"), GROW, "4000 27\n", "10000 1\n"),
            (("--address-space", "1G"), MAP, "12\n", "mapped\n"),
            (("--address-space=1048576K",), MAP, "12\n", "mapped\n"),
            (("--address-space=1024M",), MAP, "12\n", "mapped\n"),
        ]
        for options, script, limited, free in rows:
            python = ["python3", "-c", script]
            self.assertEqual(free, self.say(python), "the control")
            for mode in MODES:
                with self.subTest(options, mode=mode):
                    self.assertEqual(free, self.say([*self.words(mode), *python]))
                    got = self.run_in([*self.words(mode, *options), *python])
                    self.assertEqual((0, limited), (got.returncode, got.stdout), got.stderr)

    def test_a_limit_cannot_be_raised(self):
        script = "import resource as r\ntry: r.setrlimit(r.RLIMIT_NOFILE, (64, 64)); print('raised')\n" \
                 "except (ValueError, OSError): print('not raised')"
        self.assertEqual("raised\n", self.say(["python3", "-c", script]))
        for mode in MODES:
            words = self.words(mode, "--open-files", "32")
            self.assertEqual("not raised\n", self.say([*words, "python3", "-c", script]))

    def test_processes_are_those_of_the_sandbox(self):
        if ROOT:
            raise harness.Void("root's processes are not counted, and the option is refused")
        fork = ["python3", "-c", FORK]
        self.assertEqual("40 all\n", self.say(fork), "the control")
        busy = [self.popen(["sleep", "600"]) for _ in range(10)]  # of the same user, outside
        try:
            for many in (1, 2, 12):
                expected = f"{many - 1} 11\n"
                words = self.words("strict", "--processes", many)
                self.assertEqual(expected, self.say([*words, *fork]))
                self.assertEqual(expected, self.say([NET, "--", *words, *fork]))
                # With an actor: writes are decided one by one.
                guarded = [*words[:-1], "--deny-write", self.work / "no" / "*", "--"]
                self.assertEqual(expected, self.say([*guarded, *fork]))
            self.assertEqual("40 all\n", self.say([*self.words("strict", "--processes", 41), *fork]))
        finally:
            for process in busy:
                process.kill()
                process.wait()

    def ended(self, argv):
        read, write = os.pipe()
        process = self.popen([EXEC, "--status-fd", write, *argv], pass_fds=(write,),
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        os.close(write)
        out, err = process.communicate(timeout=harness.DEADLINE)
        with open(read, encoding="utf-8") as file:
            records = [json.loads(line) for line in file]
        return process.returncode, out, err, records[-1]

    def test_timeout(self):
        options = ["--mode=strict", "--system", "--timeout", "50ms"]
        more = ["--kill-after", "50ms"]
        rows = {
            "it ends of SIGTERM": (options, ["sleep", "600"], ""),
            "it has its own way to end": (
                options, ["sh", "-c", "trap 'echo bye; exit 3' TERM; while :; do sleep 0.01; done"],
                None),
            "it ignores SIGTERM": ([*options, *more], ["sh", "-c", "trap '' TERM; sleep 600"], ""),
            "it is stopped": (options, ["sh", "-c", "kill -STOP $$; sleep 600"], ""),
            "it is stopped and ignores": (
                [*options, *more], ["sh", "-c", "trap '' TERM; while :; do kill -STOP $$; done"], ""),
            "it left daemons": (
                options, ["sh", "-c", "setsid sh -c 'trap \"\" TERM; sleep 600' & sleep 600"], ""),
        }
        for name, (given, command, expected) in rows.items():
            with self.subTest(name):
                code, out, err, last = self.ended([*given, "--", *command])
                self.assertEqual((124, ""), (code, err))
                if expected is not None:
                    self.assertEqual(expected, out)
                self.assertEqual(("ended", "timeout", 124),
                                 (last["event"], last.get("limit"), last.get("exit")))
                self.assert_nothing_left()

    def test_timeout_in_a_chain(self):
        done = self.run_in([NET, "--", TRACE, "--", EXEC, "--mode=strict", "--system", "--timeout=0.05",
                            "--kill-after=50ms", "--", "sh", "-c", "kill -STOP $$; sleep 600"])
        self.assertEqual(124, done.returncode, done.stderr)
        self.assert_nothing_left()

    def test_in_time(self):
        for timeout in ("600", "10m", "1.5h"):
            code, out, err, last = self.ended(["--mode=strict", "--system", "--timeout", timeout,
                                               "sh", "-c", "echo done; exit 5"])
            self.assertEqual((5, "done\n", ""), (code, out, err))
            self.assertEqual((None, 5), (last.get("limit"), last["exit"]))

    def test_bad_input(self):
        marker = self.work / "ran"
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        lowered = min(soft, 512) if soft > 0 else 512
        rows = [("strict", ("--open-files", value), "--open-files needs a number from 1 on, not ")
                for value in ("0", "-1", "+3", "", "x", "1K", "1.5", "0x10", " 7", "18446744073709551616")]
        rows += [("strict", (f"--{name}", value), f"--{name} needs ")
                 for name in ("file-size", "address-space")
                 for value in ("-1", "", "K", "1T", "1k", "1KB", "1 K", "1.5G", "+1", "18446744073709551616",
                               "18446744073709551615", "17179869184G", "18014398509481984K")]
        rows += [("strict", (f"--{name}", value), f"--{name} needs a duration")
                 for name in ("timeout", "kill-after")
                 for value in ("", "0", "-1", "x", "1y", "inf", "+1s", "1s x", "99999999h", "0.1ms", "s")]
        rows += [
            ("strict", ("--open-files", str(lowered + 1)), f"is above the hard limit here, {lowered}"),
            ("strict", ("--kill-after", "1s"), "--kill-after means nothing without --timeout"),
            ("strict", ("--timeout", "1", "--timeout", "2"), "--timeout is given twice"),
            ("landlock", ("--timeout", "1"), "--timeout needs --mode=strict"),
            ("landlock", ("--processes", "9"), "--processes needs --mode=strict"),
        ]
        if ROOT:
            rows.append(("strict", ("--processes", "9"), "--processes cannot hold for root"))
        for mode, options, message in rows:
            with self.subTest(options, mode=mode):
                argv = [*self.words(mode, *options), "touch", marker]
                done = self.run_in(argv, preexec_fn=lambda: resource.setrlimit(
                    resource.RLIMIT_NOFILE, (lowered, lowered)))
                self.assertEqual((125, 1), (done.returncode, done.stderr.count("\n")), done.stderr)
                self.assertIn(message, done.stderr)
                self.assertFalse(marker.exists())


if __name__ == "__main__":
    harness.main()
