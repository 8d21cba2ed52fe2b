"""The filter of sandbox-exec: what its options make a program see."""

import errno
import json
import os
import unittest

import harness
from harness import EXEC

MODES = ("strict", "landlock")

# By number, so that no library stands between: those of x86-64.
NUMBERS = {"lseek": 8, "getpid": 39, "uname": 63, "getuid": 102, "personality": 135, "sync": 162, "mount": 165,
           "add_key": 248, "keyctl": 250, "unshare": 272, "io_uring_setup": 425, "clone3": 435}

# What a program in an allow-list is written with.
FILES = ["--allow-syscall", "@file-read", "--allow-syscall", "@file-open", "--allow-syscall", "@fd-basic",
         "--allow-syscall", "@fd"]


def call(name, *arguments):
    """A program that makes one call and exits with its errno, or 0."""
    words = ", ".join(f"ctypes.c_ulong({argument & 0xffffffffffffffff})" for argument in arguments + (0,) * (6 - len(arguments)))
    return ["python3", "-c", "import ctypes, os; libc = ctypes.CDLL(None, use_errno=True); "
            f"os._exit(ctypes.get_errno() if libc.syscall({NUMBERS[name]}, {words}) == -1 else 0)"]


# A profile in the form of Docker's default one, with what sh and python want.
PROFILE = {
    "defaultAction": "SCMP_ACT_ERRNO",
    "defaultErrnoRet": 1,
    "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]}],
    "syscalls": [
        {"action": "SCMP_ACT_ALLOW", "names": """access arch_prctl brk chdir clock_gettime close close_range
            dup dup2 epoll_create1 execve exit exit_group faccessat faccessat2 fchdir fcntl fcntl64 fstat fstat64 futex
            getcwd getdents64 getegid geteuid getgid getpgrp getpid getppid getrandom gettid getuid ioctl lseek lstat
            madvise mmap mprotect mremap munmap newfstatat open openat pipe2 poll pread64 prlimit64 read readlink
            rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity set_robust_list set_tid_address stat
            statx sysinfo uname vfork wait4 write _llseek no_such_call""".split()},
        {"action": "SCMP_ACT_ALLOW", "names": ["keyctl"], "includes": {"caps": ["CAP_SYS_ADMIN"]}},
        {"action": "SCMP_ACT_ALLOW", "names": ["sync"], "includes": {"arches": ["s390x"]}},
        {"action": "SCMP_ACT_ALLOW", "names": ["getresuid"], "includes": {"minKernel": "4.8"}},
        {"action": "SCMP_ACT_ALLOW", "names": ["personality"],
         "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 0x20008, "op": "SCMP_CMP_EQ"}]},
        {"action": "SCMP_ACT_ALLOW", "names": ["clone"], "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390"]},
         "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
        {"action": "SCMP_ACT_ERRNO", "errnoRet": 38, "names": ["clone3"], "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
        {"action": "SCMP_ACT_KILL_PROCESS", "names": ["io_uring_setup"]},
    ],
}


class Filter(harness.Case):
    def inside(self, mode, options, command, **kwargs):
        return self.run_in([EXEC, f"--mode={mode}", "--system", *options, "--", *command], **kwargs)

    def test_what_a_rule_makes_a_call_answer(self):
        # options, call, what comes of it: an errno, 0, or "kill".
        rows = [
            ([], ("getuid",), 0),
            (["--deny-syscall", "getuid"], ("getuid",), errno.EPERM),
            (["--deny-syscall", "getuid:ENOSYS"], ("getuid",), errno.ENOSYS),
            (["--deny-syscall", "getuid:13"], ("getuid",), errno.EACCES),
            (["--deny-syscall", "sync:kill"], ("sync",), "kill"),
            (["--deny-syscall", "getuid:log"], ("getuid",), 0),
            (["--deny-syscall", "mount:log"], ("mount",), errno.EPERM),
            (["--deny-syscall", "@file-write:EXDEV", "--deny-syscall", "sync:EXDEV"], ("sync",), errno.EXDEV),
            (["--deny-syscall", "lseek(int2==7):EXDEV"], ("lseek", 0, 0, 7), errno.EXDEV),
            (["--deny-syscall", "lseek(int2==7):EXDEV"], ("lseek", 0, 0, 7 + (1 << 32)), errno.EXDEV),
            (["--deny-syscall", "lseek(arg1>0xffffffff, int0==77):EXDEV"], ("lseek", 77, 1 << 32, 0), errno.EXDEV),
            (["--deny-syscall", "lseek(arg1>0xffffffff, int0==77):EXDEV"], ("lseek", 77, 5, 0), errno.EBADF),
            (["--deny-syscall", "lseek(arg1&0xf0==0x10):EXDEV"], ("lseek", 77, 0xabc1d, 0), errno.EXDEV),
            (["--deny-syscall", "lseek(int0<5):EXDEV"], ("lseek", 77, 0, 0), errno.EBADF),
            (["--deny-syscall", "lseek(int0==-1):EXDEV"], ("lseek", -1, 0, 0), errno.EXDEV),
            ([], ("keyctl", 1000), errno.EPERM),
            (["--allow-syscall", "keyctl"], ("keyctl", 1000), errno.EOPNOTSUPP),
            (["--allow-syscall", "keyctl"], ("add_key",), errno.EPERM),
            (["--allow-syscall", "keyctl(int0==1000)"], ("keyctl", 1001), errno.EPERM),
            ([], ("personality", 0x0040000), errno.EPERM),
            (["--allow-syscall", "personality"], ("personality", 0x0040000), 0),
            (["--allow-syscall", "@process"], ("clone3",), errno.ENOSYS),
            (["--allow-syscall", "getuid"], ("sync",), 0),
            (["--syscall-default", "EXDEV", *FILES], ("sync",), errno.EXDEV),
            (["--syscall-default", "EXDEV", *FILES], ("getpid",), 0),
            (["--syscall-default", "EXDEV", *FILES, "--allow-syscall", "sync"], ("sync",), 0),
            (["--syscall-default", "kill", *FILES], ("sync",), "kill"),
            (["--syscall-default", "kill", *FILES, "--allow-syscall", "clone"], ("unshare", 0x10000000), "kill"),
            (["--syscall-default", "EXDEV", *FILES, "--allow-syscall", "unshare"], ("unshare", 0x10000000),
             errno.EPERM),
            (["--syscall-default", "EXDEV", *FILES, "--deny-syscall", "uname:ENOSYS"], ("uname",), errno.ENOSYS),
        ]
        for mode in MODES:
            for options, what, expected in rows:
                with self.subTest(mode=mode, options=options, what=what):
                    done = self.inside(mode, options, call(*what))
                    status = harness.exit_status(done.returncode)
                    self.assertEqual(159 if expected == "kill" else expected, status, done.stderr)

    def test_the_calls_answer_so_because_of_the_rules(self):
        for what, expected in [(("getuid",), 0), (("lseek", 77, 1 << 32, 7), errno.EBADF),
                               (("keyctl", 1000), errno.EOPNOTSUPP), (("personality", 0x0040000), 0)]:
            self.assertEqual(expected, self.run_in(call(*what)).returncode, what)

    def test_programs_run_in_an_allow_list(self):
        for mode in MODES:
            for command, expected in [(["true"], ""), (["sh", "-c", "echo $((6 * 7))"], "42\n"),
                                      (["sh", "-c", "echo x | cat"], "x\n"),
                                      (["python3", "-c", "print(6 * 7)"], "42\n")]:
                with self.subTest(mode=mode, command=command):
                    done = self.inside(mode, ["--syscall-default", "kill", *FILES], command)
                    self.assertEqual((0, expected), (done.returncode, done.stdout), done.stderr)
            # Without the calls that the dynamic linker makes it does not come to anything.
            self.assertNotEqual(0, self.inside(mode, ["--syscall-default", "EPERM"], ["true"]).returncode)

    def test_what_cannot_be_had_is_one_line_and_125(self):
        never = ["mount", "umount2", "pivot_root", "setns", "open_tree", "move_mount", "fsopen", "mount_setattr",
                 "open_by_handle_at", "chroot", "io_uring_setup", "io_uring_enter", "io_uring_register"]
        rows = [(["--allow-syscall", name], f"--allow-syscall {name}: cannot be allowed: ") for name in never + [
            "clone", "clone3", "unshare", "seccomp", "socket", "socketpair", "ioctl"]]
        rows += [(["--syscall-default", "kill", "--allow-syscall", name], "cannot be allowed: ") for name in never]
        rows += [
            (["--deny-syscall", "frobnicate"], "there is no system call frobnicate"),
            (["--allow-syscall", "frobnicate"], "there is no system call frobnicate"),
            (["--deny-syscall", "@nothing"], "there is no group @nothing"),
            (["--deny-syscall", "sync:EWHAT"], "'EWHAT' is no answer"),
            (["--deny-syscall", "lseek(fd==1)"], "'fd' is no argument"),
            (["--deny-syscall", "sync", "--allow-syscall", "sync"], "contradict each other on sync"),
            (["--syscall-default", "kill", "--deny-syscall", "@fd", "--allow-syscall", "dup"],
             "contradict each other on dup"),
            (["--syscall-default", "allow"], "write an error"),
            (["--syscall-default", "log"], "write an error"),
            (["--deny-syscall", "sync:kill", "--deny-syscall", "sync"], "denied with kill and with EPERM"),
        ]
        for mode in MODES:
            for options, says in rows:
                with self.subTest(mode=mode, options=options):
                    done = self.inside(mode, options, ["sh", "-c", "echo ran"])
                    self.assertEqual((125, ""), (done.returncode, done.stdout), done.stderr)
                    self.assertEqual(1, done.stderr.count("\n"), done.stderr)
                    self.assertIn(says, done.stderr)
        done = self.inside("landlock", ["--allow-syscall", "shmget"], ["true"])
        self.assertEqual(125, done.returncode)
        self.assertIn("use --mode=strict", done.stderr)

    def test_a_command_that_may_not_start_is_said_so(self):
        for mode in MODES:
            done = self.inside(mode, ["--deny-syscall", "execve"], ["true"])
            self.assertEqual(126, done.returncode)
            self.assertIn("cannot run true: Operation not permitted", done.stderr)

    def test_a_profile_of_docker_holds(self):
        profile = self.top / "profile.json"
        profile.write_text(json.dumps(PROFILE))
        options = ["--seccomp-profile", profile]
        rows = [(options, ("getpid",), 0), (options, ("sync",), errno.EPERM), (options, ("keyctl", 1000), errno.EPERM),
                (options, ("personality", 0), 0), (options, ("clone3",), errno.ENOSYS),
                # It gives back nothing that the default filter refuses.
                (options, ("personality", 0x20008), errno.EPERM), (options, ("io_uring_setup",), "kill"),
                (options + ["--deny-syscall", "getuid:ENOSYS"], ("getuid",), errno.ENOSYS)]
        for mode in MODES:
            for more, what, expected in rows:
                with self.subTest(mode=mode, what=what):
                    done = self.inside(mode, more, call(*what))
                    status = harness.exit_status(done.returncode)
                    self.assertEqual(159 if expected == "kill" else expected, status, done.stderr)
            done = self.inside(mode, options, ["sh", "-c", "echo $((6 * 7)) | cat"])
            self.assertEqual((0, "42\n"), (done.returncode, done.stdout), done.stderr)

    def test_a_wrong_profile_is_one_line_and_125(self):
        profile = self.top / "profile.json"
        rows = [("", "line 1, column 1"), ("{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}", "needs a supervisor"),
                ("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscall\": []}", "unknown key"),
                ("[" * 100000, "nested too deeply"), (" " * (1 << 21), "larger than 1 MiB")]
        for text, says in rows:
            profile.write_text(text)
            with self.subTest(says=says):
                done = self.inside("strict", ["--seccomp-profile", profile], ["sh", "-c", "echo ran"])
                self.assertEqual((125, "", 1), (done.returncode, done.stdout, done.stderr.count("\n")), done.stderr)
                self.assertIn(f"--seccomp-profile {profile}: ", done.stderr)
                self.assertIn(says, done.stderr)
        profile.write_text(json.dumps(PROFILE))
        for options, says in [(["--seccomp-profile", self.top / "none"], "No such file"),
                              (["--seccomp-profile", self.top], "Is a directory"),
                              (["--seccomp-profile", profile, "--allow-syscall", "sync"], "leave --allow-syscall"),
                              (["--seccomp-profile", profile, "--syscall-default", "kill"], "leave --allow-syscall"),
                              (["--seccomp-profile", profile, "--deny-syscall", "sync:log"], "log it in the profile")]:
            done = self.inside("strict", options, ["sh", "-c", "echo ran"])
            self.assertEqual((125, ""), (done.returncode, done.stdout), done.stderr)
            self.assertIn(says, done.stderr)

    def test_printing_runs_nothing(self):
        done = self.run_in(["bash", "-c", f"{EXEC} --dump-filter=table --seccomp-profile "
                            "<(echo '{\"defaultAction\": \"SCMP_ACT_LOG\"}')"])
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertRegex(done.stdout, "# filter: user\nany other call +log\n")
        done = self.run_in([EXEC, "--list-groups"])
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertIn("@fd-basic         close close_range read readv write writev\n", done.stdout)
        for form, says in [("table", "lseek(int2==0x7)"), ("pfc", "if ($syscall == lseek && int2==0x7) return EXDEV;"),
                           ("bpf", "ld [32]")]:
            for rest in ([], ["--system", "--", "sh", "-c", "touch ran"]):
                done = self.run_in([EXEC, f"--dump-filter={form}", "--mode=landlock", "--deny-syscall",
                                    "lseek(int2==7):EXDEV", *rest])
                self.assertEqual((0, ""), (done.returncode, done.stderr))
                self.assertIn(says, done.stdout)
                self.assertIn("filter: default", done.stdout)
        self.assertEqual([], os.listdir(self.work))
        done = self.run_in([EXEC, "--dump-filter=table", "--mode=strict", "--allow-syscall", "mount"])
        self.assertEqual((125, ""), (done.returncode, done.stdout))
        # The filter of a command behind a bridge has its sockets.
        done = self.run_in([harness.NET, "--", EXEC, "--dump-filter=table", "--system"])
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("socket(int0==0x2,", done.stdout)

    def test_the_report_names_it(self):
        for options, says in [([], '"filter_user":[]'),
                              (["--deny-syscall", "sync"], '"filter_user":["own rules"]'),
                              (["--allow-syscall", "keyctl"], '"filter_user":["default, calls allowed again"]')]:
            done = self.inside("strict", ["--status-fd", "1", *options], ["true"])
            self.assertIn(says, done.stdout)


if __name__ == "__main__":
    harness.main()
