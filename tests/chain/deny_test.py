"""Denies within a grant: literals, absent paths and globs, by every way round them that we know."""

import os
import shutil
import stat
import unittest

import harness
from harness import COW, EXEC

# Each tries something in the work directory as a shell would, and prints what came of it: nothing of
# it may succeed inside; as a control all of it must succeed outside. @PATH@ stands for the denied file.
WRITES = {
    "write": "echo x >@PATH@",
    "append": "echo x >>@PATH@",
    "truncate": "truncate -s 0 @PATH@",
    "remove": "rm -f @PATH@ && ! test -e @PATH@",
    "rename away": "mv @PATH@ elsewhere",
    "rename onto": "echo x >tmp; mv -f tmp @PATH@",
    "exchange": "echo x >tmp; exchange tmp @PATH@",
    "hard link away": "ln @PATH@ elsewhere",
    "by a symbolic link": "ln -s @DIR@ link; echo x >link/@NAME@",
    "by /proc/self/root": "echo x >/proc/self/root$PWD/@PATH@",
    "by /proc/self/cwd": "echo x >/proc/self/cwd/@PATH@",
    "by ..": "echo x >@DIR@/../@DIR@/@NAME@",
    "by a descriptor of the directory": "python3 -c \"import os; d = os.open('@DIR@', os.O_PATH); "
                                        "os.write(os.open('@NAME@', os.O_WRONLY | os.O_CREAT, dir_fd=d), b'x')\"",
    "after the directory was renamed": "mv @DIR@ moved; echo x >moved/@NAME@",
    "after the directory was made anew": "mv @DIR@ moved; mkdir -p @DIR@; echo x >@PATH@",
    "after a link took the directory's place": "mkdir other; mv @DIR@ moved; ln -s other @DIR@; echo x >@PATH@",
    "mode": "chmod 700 @PATH@",
    "time": "touch -d @1 @PATH@",
    "attribute": "python3 -c \"import os; os.setxattr('@PATH@', 'user.x', b'1')\"",
    "mode by a read-only descriptor": "python3 -c \"import os; os.fchmod(os.open('@PATH@', os.O_RDONLY), 0o700)\"",
    "copy onto": "cp /etc/hostname @PATH@",
    "a socket of that name": "rm -f @PATH@; python3 -c \"import socket; "
                             "socket.socket(socket.AF_UNIX).bind('@PATH@')\"",
}

# For a path that is not there.
CREATIONS = {
    "write": "mkdir -p @DIR@; echo x >@PATH@",
    "directory": "mkdir -p @PATH@",
    "symbolic link": "mkdir -p @DIR@; ln -s /tmp @PATH@",
    "hard link": "mkdir -p @DIR@; echo x >tmp; ln tmp @PATH@",
    "FIFO": "mkdir -p @DIR@; mkfifo @PATH@",
    "socket": "mkdir -p @DIR@; python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('@PATH@')\"",
    "rename onto": "mkdir -p @DIR@; echo x >tmp; mv tmp @PATH@",
    "exchange": "mkdir -p @DIR@; echo x >tmp; echo y >@PATH@; exchange tmp @PATH@",
    "within a directory that gets the name": "mkdir made; echo x >made/@NAME@; mv made @DIR@; cat @PATH@",
    "within a directory that a link gives the name": "mkdir made; echo x >made/@NAME@; ln -s made @DIR@; cat @PATH@",
    "a directory exchanged in": "mkdir made @DIR@; echo x >made/@NAME@; exchange made @DIR@; cat @PATH@",
    "a file without a name": "mkdir -p @DIR@; python3 -c \"import os; f = os.open('.', os.O_TMPFILE | os.O_RDWR); "
                             "os.link('/proc/self/fd/%d' % f, '@PATH@', src_dir_fd=f, follow_symlinks=True)\"",
}

EXCHANGE = """#!/usr/bin/python3
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.renameat2(-100, os.fsencode(sys.argv[1]), -100, os.fsencode(sys.argv[2]), 2):
    sys.exit(os.strerror(ctypes.get_errno()))
"""


class Deny(harness.Case):
    def setUp(self):
        super().setUp()
        tools = self.top / "tools"
        tools.mkdir()
        (tools / "exchange").write_text(EXCHANGE)
        (tools / "exchange").chmod(0o755)
        self.tools = str(tools)

    def fresh(self, existing):
        shutil.rmtree(self.work)
        self.work.mkdir()
        if existing:
            path = self.work / existing
            path.parent.mkdir(parents=True)
            path.write_text("secret\n")
            path.chmod(0o644)
            os.utime(path, (1000, 1000))

    def attempt(self, options, script, path):
        directory, _, name = path.rpartition("/")
        for word, value in (("@PATH@", path), ("@DIR@", directory), ("@NAME@", name)):
            script = script.replace(word, value)
        env = self.env(PATH=f"{self.tools}:/usr/bin:/bin")
        words = [EXEC, "--system", "-r", self.tools, "-w", ".", *options, "--"] if options is not None else []
        return self.run_in([*words, "sh", "-ec", script], env=env)

    def state(self, path, inode=None):
        """All that a change of the file would show in; None without one. By its inode, where a rename of
        its directory is no harm."""
        found = [f for f in self.work.rglob("*") if inode is not None and f.lstat().st_ino == inode]
        file = found[0] if found else self.work / path
        try:
            info = file.lstat()
        except OSError:
            return None
        content = file.read_bytes() if stat.S_ISREG(info.st_mode) else None
        return (content, info.st_mode, info.st_mtime, info.st_nlink,
                os.listxattr(file, follow_symlinks=False))

    def assert_holds(self, options, attacks, existing, path):
        for name, script in attacks.items():
            with self.subTest(name, options=options):
                self.fresh(existing)
                before = self.state(path)
                control = self.attempt(None, script, path)
                changed = self.state(path) != before or not (self.work / path).exists()
                self.assertTrue(control.returncode == 0 and (changed or existing is None), control.stderr)
                self.fresh(existing)
                before = self.state(path)
                inode = (self.work / path).lstat().st_ino if existing else None
                done = self.attempt(options, script, path)
                self.assertEqual(before, self.state(path, inode), done.stderr)
                if existing is None:
                    self.assertFalse(os.path.lexists(self.work / path))
                self.assertNotEqual(0, done.returncode, name)

    def test_an_existing_path_is_not_changed(self):
        self.assert_holds(["--deny-write", "dir/file"], WRITES, "dir/file", "dir/file")

    def test_nor_one_that_a_glob_names(self):
        for glob in ("**/file", "dir/*", "d?r/fil[a-f]", "*/f*"):
            self.assert_holds(["--deny-write", glob], WRITES, "dir/file", "dir/file")

    def test_an_absent_path_is_not_made(self):
        self.assert_holds(["--deny-write", "dir/file"], CREATIONS, None, "dir/file")
        self.assert_holds(["--deny", "dir/file"], CREATIONS, None, "dir/file")
        self.assert_holds(["--deny-write", "**/dir/file"], CREATIONS, None, "dir/file")

    def test_what_is_denied_is_not_read(self):
        reads = {"read": "cat @PATH@", "link": "ln -s @DIR@ link; cat link/@NAME@", "root": "cat /proc/self/root$PWD/@PATH@",
                 "hard link": "ln @PATH@ other; cat other", "copy": "cp @PATH@ other",
                 "renamed": "mv @DIR@ moved; cat moved/@NAME@"}
        for options in (["--deny", "dir/file"], ["--deny", "dir"], ["--deny", "**/file"], ["--deny", "d*/*"]):
            for name, script in reads.items():
                with self.subTest(name, options=options):
                    self.fresh("dir/file")
                    self.assertIn("secret", self.attempt(None, script + "; cat other 2>/dev/null || :", "dir/file").stdout
                                  or "secret")
                    self.fresh("dir/file")
                    done = self.attempt(options, script + "; cat other", "dir/file")
                    self.assertNotIn("secret", done.stdout)
                    self.assertNotEqual(0, done.returncode)

    def test_protect_holds_at_any_depth_and_leaves_nothing(self):
        paths = [".git/hooks/pre-commit", "a/b/.git/hooks/x", ".git/config", ".envrc", "sub/.npmrc",
                 ".claude/settings.json", ".vscode/tasks.json", "vendor/x/.gitmodules"]
        for path in paths:
            with self.subTest(path):
                self.fresh(None)
                script = "mkdir -p @DIR@ 2>/dev/null; echo x >@PATH@" if "/" in path else "echo x >@PATH@"
                self.assertEqual(0, self.attempt(None, script, path).returncode)
                self.fresh(None)
                done = self.attempt(["--protect"], script.replace("mkdir", "! mkdir"), path)
                self.assertNotEqual(0, done.returncode)
                self.assertFalse((self.work / path).exists())
        # As the issue writes it.
        self.fresh(".git/hooks/sample")
        done = self.attempt(["--protect"], "mv .git .g || :; mkdir -p .git/hooks; echo >.git/hooks/x", "x/x")
        self.assertNotEqual(0, done.returncode)
        self.assertEqual([".git"], os.listdir(self.work))
        self.assertEqual(["sample"], os.listdir(self.work / ".git/hooks"))

    def test_exceptions_and_deeper_grants_are_open(self):
        self.fresh("dir/in/file")
        (self.work / "dir/other").write_text("secret\n")
        for options in (["--deny", "dir", "--allow-inside", "dir/in"], ["--deny", "dir", "-w", "dir/in"],
                        ["--deny", "**/other", "--deny-write", "dir", "--allow-inside", "dir/in"]):
            with self.subTest(options):
                done = self.attempt(options, "cat dir/in/file; echo y >dir/in/new; ! cat dir/other; ! echo z >dir/z", "x/x")
                self.assertEqual((0, "secret\n"), (done.returncode, done.stdout), done.stderr)
                self.assertEqual("y\n", (self.work / "dir/in/new").read_text())
                self.assertFalse((self.work / "dir/z").exists())

    def test_ordinary_work_is_as_bare_where_every_call_is_judged(self):
        self.fresh(None)
        script = r"""
        umask 027; mkdir -p a/b; echo 1 >a/b/c; mkdir d; chmod 2750 d; mkfifo f; (echo through >f) & cat f; wait
        cp -a a copy; mv copy/b copy/e; ln a/b/c hard; ln -s a/b soft; cat soft/c; touch -d @7 hard
        truncate -s 5 hard; rm -r copy; (cd a && cd b && echo 2 >../rel); touch -d @7 a/rel; stat -c '%a %s %h' hard d a/rel; stat -c %Y a/rel
        echo out >/dev/stdout; echo err >/dev/stderr; exec 3<>f; echo fd >&3; head -1 <&3
        python3 - <<'P'
import os, socket, tempfile, multiprocessing
s = socket.socket(socket.AF_UNIX); s.bind("sock"); s.listen(); c = socket.socket(socket.AF_UNIX); c.connect("sock")
with tempfile.NamedTemporaryFile() as t: t.write(b"x")
with tempfile.TemporaryFile(dir=".") as t: t.write(b"x")
try: os.open("a", os.O_WRONLY)
except IsADirectoryError: print("directory")
try: os.open("none/x", os.O_WRONLY | os.O_CREAT)
except FileNotFoundError: print("none")
try: os.mkdir("a")
except FileExistsError: print("exists")
os.chdir("/proc"); print(open("self/comm").read().strip())
print(os.get_inheritable(os.open("/dev/null", os.O_WRONLY)))
P
        """
        bare = self.attempt(None, script, "x/x")
        self.fresh(None)
        for options in (["--deny-write", "**/*.pem"], ["--deny", "**/*.pem"]):
            self.fresh(None)
            done = self.attempt(options, script, "x/x")
            self.assertEqual((bare.stdout, bare.returncode), (done.stdout, done.returncode), done.stderr)

    def test_with_a_layer(self):
        self.fresh("dir/file")
        done = self.run_in([COW, "--workdir", ".", "--", EXEC, "--system", "-w", ".", "--deny-write", "dir", "--deny", "**/new",
                            "--", "sh", "-c", "echo x >dir/file; echo x >new; echo x >other; mv dir moved; echo x >dir/y"])
        self.assertNotEqual(0, done.returncode)
        self.assertEqual(["dir"], os.listdir(self.work))  # discarded
        done = self.run_in([COW, "--workdir", ".", "--", EXEC, "--system", "-w", ".", "--deny-write", "dir", "--deny", "**/new",
                            "--", "sh", "-c", "echo x >dir/file; echo x >new; echo x >other"])
        self.assertEqual((0, ["dir", "other"]), (done.returncode, sorted(os.listdir(self.work))), done.stderr)
        self.assertEqual("secret\n", (self.work / "dir/file").read_text())

    def test_explain_says_which_rule_decides(self):
        self.fresh("dir/file")
        options = ["--system", "-w", ".", "--deny-write", "dir", "--deny", "**/*.pem", "--allow-inside", "dir/in"]
        rows = {"dir/file": ("read: allowed by the grant of", "write: denied by --deny-write"),
                "x/k.pem": ("read: denied by --deny", "write: denied by --deny"),
                "dir/in/x": ("read: allowed", "write: allowed"),
                "/usr/bin/env": ("read: allowed by the grant of /usr", "-w /usr/bin/env would allow it"),
                "/elsewhere": ("no grant covers it; -r /elsewhere", "-w /elsewhere would allow it")}
        for path, (read, write) in rows.items():
            with self.subTest(path):
                done = self.run_in([EXEC, *options, "--explain", path])
                lines = done.stdout.splitlines()
                self.assertEqual((0, 2), (done.returncode, len(lines)), done.stderr)
                self.assertIn(read, lines[0])
                self.assertIn(write, lines[1])

    def test_check_reports_and_runs_nothing(self):
        for mode in ("strict", "landlock"):
            done = self.run_in([EXEC, f"--mode={mode}", "--system", "-w", ".", "--check", "--", "touch", "made"])
            self.assertEqual((0, 1, ""), (done.returncode, done.stdout.count("\n"), done.stderr))
            self.assertIn(f'"event":"engaged","mode":"{mode}"', done.stdout)
            self.assertFalse((self.work / "made").exists())

    def test_what_it_cannot_mean_is_refused(self):
        rows = [(["--deny", "a/../b"], "leads through .."), (["--deny", "a[b"], "without its ]"),
                (["--deny", "a**"], "** within a name"), (["--mode=landlock", "--deny", "a"], "need --mode=strict"),
                (["-r", "absent"], "cannot grant"), (["--unix", "absent"], "cannot allow"),
                (["--mode=landlock", "--unix", "/tmp"], "needs --mode=strict"), (["--connect-tcp", "0"], "1 to 65535"),
                (["--bind-tcp", "9-1"], "low-high"), (["--connect-tcp", "1-2"], "1 to 65535")]
        for options, message in rows:
            with self.subTest(options):
                done = self.run_in([EXEC, "--system", "-w", ".", *options, "--", "touch", "made"])
                self.assertEqual(125, done.returncode)
                self.assertIn(message, done.stderr)
                self.assertEqual(1, done.stderr.count("\n"))
                self.assertFalse((self.work / "made").exists())
        done = self.run_in([EXEC, "--system", "--ignore-missing", "-r", "absent", "--", "true"])
        self.assertEqual(0, done.returncode, done.stderr)


if __name__ == "__main__":
    harness.main()
