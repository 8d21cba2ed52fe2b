"""Exit statuses and signals through four stages; the caller's odd states."""

import os
import signal
import subprocess
import time
import unittest

import harness
from harness import COW, EXEC, NET, TRACE

FULL = "cnte"


class Status(harness.Case):
    def status_of(self, letters, script, **kwargs):
        return self.run_in(harness.line(letters, self.work) + ["sh", "-c", script], **kwargs).returncode

    def test_exit_codes_pass_through_four_stages(self):
        for code in range(256):
            self.assertEqual(code, self.status_of(FULL, f"exit {code}"))
        self.assert_nothing_left()

    def test_signals_pass_through_four_stages(self):
        for number in list(range(1, 32)) + [34, 40, 64]:
            if number in (signal.SIGCHLD, signal.SIGCONT, signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN,
                          signal.SIGTTOU, signal.SIGURG, signal.SIGWINCH):
                continue
            # SIGHUP and the like by a program that has nothing of a shell's handling of them.
            done = self.run_in(harness.line(FULL, self.work) +
                               ["python3", "-c", f"import os, signal; signal.signal({number}, signal.SIG_DFL) "
                                f"if {number} != 9 else None; os.kill(os.getpid(), {number})"])
            self.assertEqual(-number, done.returncode, done.stderr)

    def test_not_found_and_not_executable(self):
        (self.work / "plain").write_text("x")
        for letters in ("e", "t", "cnte"):
            done = self.run_in(harness.line(letters, self.work) + ["no-such-program"])
            self.assertEqual(127, done.returncode)
            self.assertIn("cannot run no-such-program: No such file or directory", done.stderr)
            done = self.run_in(harness.line(letters, self.work) + ["./plain"])
            self.assertEqual(126, done.returncode)

    def test_status_records_say_what_happened(self):
        read, write = os.pipe()
        os.set_inheritable(write, True)
        done = self.run_in([EXEC, "--status-fd", str(write), "--system", "--", "sh", "-c", "exit 3"], pass_fds=[write])
        os.close(write)
        with os.fdopen(read) as file:
            records = file.read().splitlines()
        self.assertEqual(3, done.returncode)
        self.assertIn('"event":"engaged"', records[0])
        self.assertIn('"no_new_privs":true', records[0])
        self.assertIn('"exit":3', records[-1])
        self.assertEqual(2, len(records))

    def test_a_status_reader_that_is_gone_harms_nobody(self):
        for mode in ("strict", "landlock"):
            read, write = os.pipe()
            os.close(read)
            done = self.run_in([EXEC, "--status-fd", str(write), f"--mode={mode}", "--system", "--", "sh", "-c", "exit 3"],
                               pass_fds=[write])
            os.close(write)
            self.assertEqual(3, done.returncode)

    def test_a_failed_exec_writes_no_exit_record(self):
        read, write = os.pipe()
        self.run_in([EXEC, "--status-fd", str(write), "--system", "--", "no-such-program"], pass_fds=[write])
        os.close(write)
        with os.fdopen(read) as file:
            self.assertNotIn('"exit"', file.read())

    def test_closed_stdio_is_as_bare(self):
        script = "ls -l /proc/self/fd >&2 2>/dev/null; exit 5"
        for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
            for command in ("true", "cat", "echo x", "sh -c 'exit 4'"):
                bare = self.run_in(["sh", "-c", f"{command} {closed}"]).returncode
                chain = " ".join(harness.line(FULL, self.work))
                inside = self.run_in(["sh", "-c", f"{chain} {command} {closed}"]).returncode
                self.assertEqual(bare, inside, f"{command} {closed}")

    def test_callers_signal_states_do_no_harm(self):
        def odd():
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        for letters in ("e", "t", FULL):
            done = self.run_in(harness.line(letters, self.work) + ["sh", "-c", "sleep 0; exit 6"], preexec_fn=odd)
            self.assertEqual(6, done.returncode, done.stderr)
        done = self.run_in(harness.line("e", self.work) + ["grep", "SigBlk", "/proc/self/status"], preexec_fn=odd)
        self.assertEqual("SigBlk:\t0000000000000000\n", done.stdout)

    def test_children_from_before_are_left_alone(self):
        # A shell that execs a tool makes its background jobs the tool's children.
        for letters in ("e", "t", "n", "c", FULL):
            chain = " ".join(harness.line(letters, self.work))
            script = f"true & sleep 1000 >/dev/null & echo $!; exec {chain} sh -c 'exit 6'"
            done = self.run_in(["sh", "-c", script], stderr=subprocess.DEVNULL)
            self.assertEqual(6, done.returncode, letters)
            os.kill(int(done.stdout), signal.SIGKILL)  # it is still there
            self.assert_nothing_left()

    def test_signals_to_the_outermost_reach_the_command_once(self):
        # By write(2): print() may not be entered again by a handler that interrupts it.
        script = ("import os, signal, sys, time\nseen = []\n"
                  "for n in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP, signal.SIGINT):\n"
                  "  signal.signal(n, lambda n, f: (seen.append(n), os.write(1, b'%d\\n' % n)))\n"
                  "os.write(1, b'ready\\n')\nwhile signal.SIGUSR2 not in seen: time.sleep(0.01)\nsys.exit(len(seen))\n")
        for letters in ("e", "t", "nte", FULL):
            process = self.popen(harness.line(letters, self.work) + ["python3", "-c", script],
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            self.assertEqual("ready\n", process.stdout.readline())
            for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP, signal.SIGINT):
                process.send_signal(number)
                self.assertEqual(f"{int(number)}\n", process.stdout.readline(), letters)
            process.send_signal(signal.SIGUSR2)
            self.assertEqual(5, process.wait(harness.DEADLINE), letters)
            process.stdout.close()

    def test_a_signal_to_the_group_is_counted_once(self):
        script = ("import signal, sys, time\nseen = []\n"
                  "signal.signal(signal.SIGTERM, lambda n, f: seen.append(n))\n"
                  "signal.signal(signal.SIGUSR1, lambda n, f: seen.append(n))\n"
                  "print('ready', flush=True)\n"
                  "while signal.SIGUSR1 not in seen: time.sleep(0.01)\n"
                  "time.sleep(0.3)\nsys.exit(len(seen))\n")
        for letters in ("e", FULL):
            process = self.popen(harness.line(letters, self.work) + ["python3", "-c", script],
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
            self.assertEqual("ready\n", process.stdout.readline())
            os.killpg(process.pid, signal.SIGTERM)
            time.sleep(0.3)
            process.send_signal(signal.SIGUSR1)
            self.assertEqual(2, process.wait(harness.DEADLINE), letters)
            process.stdout.close()

    def test_default_action_of_a_passed_signal_ends_all(self):
        for letters in ("e", "t", FULL):
            process = self.popen(harness.line(letters, self.work) + ["sh", "-c", "echo up; exec sleep 1000"],
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            self.assertEqual("up\n", process.stdout.readline())
            process.terminate()
            self.assertEqual(-signal.SIGTERM, process.wait(harness.DEADLINE))
            process.stdout.close()
            self.assert_nothing_left()

    def test_pipes_of_the_job_end_when_the_command_ends_them(self):
        # The keepers hold no end of the pipe: the reader sees end of file while the command goes on.
        process = self.popen([EXEC, "--system", "--", "sh", "-c", "exec >&-; exec sleep 1000"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.assertEqual(b"", process.stdout.read())
        self.assertIsNone(process.poll())
        process.terminate()
        process.wait(harness.DEADLINE)
        process.stdout.close()

    def test_three_hundred_pipelines(self):
        # The last one has a process that connects on behalf: one more that set-up must wait for.
        for mode in ("--mode=strict", "--mode=landlock", f"--mode=strict -r {self.work}"):
            chain = f"{EXEC} {mode} --system --"
            script = (f"for i in $(seq 300); do x=$(echo abc | {chain} cat | {chain} tr a-c x-z | {chain} cat);"
                      " [ \"$x\" = xyz ] || { echo bad \"$x\"; exit 1; }; done")
            done = self.run_in(["sh", "-c", script])
            self.assertEqual((0, ""), (done.returncode, done.stdout), done.stderr)


if __name__ == "__main__":
    harness.main()
