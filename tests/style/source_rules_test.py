#!/usr/bin/python3
"""What no compiler holds sources to. Each rule catches a bad example first, and lets a good one by.

Reads the whole source tree, which it finds behind the link to this file."""

import dataclasses
import pathlib
import re
import subprocess
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = re.compile(r"^(\.git|bazel-[^/]*|.*__pycache__|tests/fuzz/corpus)(/|$)")
LONGEST = 450

# What ships: no test, and nothing that only tests use.
CODE = r"(?!.*(?:_test\.|/testing))"
LIBRARIES = CODE + r"lib/.*\.(cc|h)"
SHIPPED = CODE + r"(lib|sandbox-[a-z]+)/.*\.(cc|h)"
SOURCES = r".*\.(cc|h)"

# A comment or a literal: what they say is no code.
NO_CODE = re.compile(r'//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'')


@dataclasses.dataclass
class Rule:
    """No match of `pattern` in files whose name matches `files`, those of `but` (why) left out."""
    name: str
    files: str
    pattern: str
    bad: str
    good: str
    but: dict = dataclasses.field(default_factory=dict)
    code: bool = True  # comments and literals do not count

    def find(self, content):
        if self.code:
            content = NO_CODE.sub(lambda match: '""' if match[0][0] != "/" else "", content)
        return [match[0].strip() for match in re.finditer(self.pattern, content, re.MULTILINE)]


def call(names):
    """A pattern for a call of one of `names`, not of a member or of a longer name."""
    return rf"(?<![\w.>])(?:{names})\("


# A call of one of what opens, to its closing parenthesis, that says close-on-exec nowhere.
# kDirectory has O_CLOEXEC.
OPENS = (r"(?<![\w.>])(?:open|openat|socket|pipe|pipe2|eventfd|accept|accept4|epoll_create|"
         r"epoll_create1|socketpair|memfd_create|timerfd_create|signalfd|inotify_init|"
         r"inotify_init1|mkstemp|creat|dup)(\((?:(?!CLOEXEC|kDirectory)[^()]|"
         r"\((?:(?!CLOEXEC|kDirectory)[^()]|\((?:(?!CLOEXEC|kDirectory)[^()])*\))*\))*\))")
# Cut so that this file has none of its own.
WORK, HOME, LATER = "/wo" "rk/", "/ro" "ot/", "TO" "DO"

RULES = (
    Rule("libraries do not print", LIBRARIES, r"<iostream>|" + call("v?f?printf|puts|perror"),
         "#include <iostream>", "snprintf(text, size, format);  // printf(",
         {"lib/seccomp/generate.cc": "runs in the build, which includes what it prints"}),
    Rule("libraries do not exit", LIBRARIES, call("exit|std::exit|quick_exit|abort"),
         "  exit(1);", "  _exit(1);  // of a child of ours",
         {"lib/base/check.h": "is what CHECK does"}),
    Rule("raw system calls live in lib/sys", SHIPPED.replace("(lib", "(?!lib/sys/)(lib"),
         call("syscall"), "  syscall(SYS_x);", "  sys::Syscall(x); // syscall(",
         {"lib/landlock/abi.cc": "Landlock's three calls are its mechanism, and nobody else's",
          "lib/landlock/ruleset.cc": "the same",
          "lib/mediate/files.cc": "renameat2() with the command's own flags",
          "lib/overlay/directory.cc": "openat2(), which glibc lacks",
          "lib/proc/keeper.cc": "passes a signal on with its siginfo",
          "lib/realise/set_up.cc": "a futex in memory that two processes share",
          "lib/seccomp/install.cc": "seccomp() is the mechanism"}),
    Rule("no shell", SOURCES, call("system|popen"), "  popen(line);",
         "filesystem(x); file.system(y)"),
    Rule("descriptors are born close-on-exec", SHIPPED + r"|lib/testing/.*", OPENS,
         "fd = openat(dir, name.c_str(), O_RDONLY);",
         "fd = openat(dir, name.c_str(), O_RDONLY | O_CLOEXEC); interest.socket()",
         {"lib/chain/stage.cc": "fills 0, 1 and 2, which are for the command"}),
    Rule("children are made in one place", SHIPPED.replace("(lib", "(?!lib/(?:sys|proc)/)(lib"),
         call("v?fork|clone|clone3"), "pid = fork();", "proc::Fork(); // fork()", {}),
    Rule("no mutable globals", SOURCES, r"^(static )?[A-Za-z_:<>]+ g_\w+",
         "static std::string g_name;", "const int kName = 1;"),
    Rule("no path of one machine", r".*", rf"(?<![\w.]){WORK}|(?<![\w.}}]){HOME}", f"see {WORK}x",
         "$TMPDIR/x /proc/self/root/",
         {"lib/overlay/layer_test.cc": "overlayfs's own directory of that name"}, code=False),
    Rule("nothing is left for later", r".*", rf"\b({LATER}|FIX" r"ME|XX" r"X)\b", f"// {LATER}: it",
         "mktemp x.XXXXXX", {}, code=False),
)


def files():
    """Name and text of every file of ours."""
    for path in sorted(TOP.rglob("*")):
        name = str(path.relative_to(TOP))
        if path.is_file() and not SKIPPED.match(name):
            yield name, path.read_text(encoding="utf-8", errors="replace")


def guard(name):
    return re.sub(r"[^A-Z0-9]", "_", name.upper()) + "_"


def guarded(name, content):
    word = guard(name)
    return f"\n#ifndef {word}\n#define {word}\n" in "\n" + content


def script_fault(name, content):
    """What is wrong with the beginning of a shell script, or None."""
    if content.startswith("#!/bin/bash\n"):
        code = [line for line in content.splitlines() if line and not line.startswith("#")]
        return None if code[:1] == ["set -euo pipefail"] else "begins without set -euo pipefail"
    # The guest has busybox and no bash.
    return None if name.startswith("tools/kernels/guest/") else "is not for #!/bin/bash"


def is_script(content):
    return re.match(r"#!.*\b(ba|da)?sh\b", content) is not None


def shellcheck(*names, **kwargs):
    return subprocess.run(["shellcheck", *names], cwd=TOP, capture_output=True, text=True,
                          check=False, **kwargs)


class SourceRules(unittest.TestCase):
    def test_rules_catch_bad_and_let_good_by(self):
        for rule in RULES:
            with self.subTest(rule.name):
                self.assertNotEqual([], rule.find(rule.bad))
                self.assertEqual([], rule.find(rule.good))

    def test_rules_hold(self):
        tree = list(files())
        for rule in RULES:
            found = {name: rule.find(content) for name, content in tree
                     if re.fullmatch(rule.files, name)}
            self.assertNotEqual({}, found)
            found = {name: matches for name, matches in found.items() if matches}
            with self.subTest(rule.name):
                self.assertEqual({}, {name: matches for name, matches in found.items()
                                      if name not in rule.but})
                self.assertEqual([], sorted(rule.but.keys() - found.keys()), "needless exception")

    def test_include_guards_are_the_path(self):
        self.assertFalse(guarded("lib/a/b.h", "#ifndef LIB_B_H_\n#define LIB_B_H_\n"))
        self.assertTrue(guarded("sandbox-x/b.h",
                                "#ifndef SANDBOX_X_B_H_\n#define SANDBOX_X_B_H_\n"))
        self.assertEqual([], [name for name, content in files()
                              if name.endswith(".h") and not guarded(name, content)])

    def test_scripts_stop_at_the_first_error(self):
        self.assertIsNotNone(script_fault("x", "#!/bin/bash\n# x\nset -e\n"))
        self.assertIsNotNone(script_fault("x", "#!/bin/sh\nset -euo pipefail\n"))
        self.assertIsNone(script_fault("x", "#!/bin/bash\n# x\nset -euo pipefail\n"))
        faults = {name: script_fault(name, content) for name, content in files()
                  if is_script(content)}
        self.assertGreater(len(faults), 5)
        self.assertEqual({}, {name: fault for name, fault in faults.items() if fault})

    def test_shellcheck_finds_nothing(self):
        bad = shellcheck("-", input="#!/bin/bash\nrm $1\n")
        self.assertIn("SC2086", bad.stdout)
        done = shellcheck(*[name for name, content in files() if is_script(content)])
        self.assertEqual((0, ""), (done.returncode, done.stdout), done.stderr)

    def test_no_file_outgrows_one_idea(self):
        lengths = {name: content.count("\n") for name, content in files()}
        self.assertGreater(max(lengths.values()), 100)
        self.assertEqual({}, {name: length for name, length in lengths.items() if length > LONGEST})


if __name__ == "__main__":
    unittest.main(verbosity=2)
