"""Which variables reach the command."""

import harness
from harness import EXEC, NET

MODES = ("strict", "landlock")
LOADER = {"LD_BIND_NOW": "1", "LD_LIBRARY_PATH": "/nowhere", "GCONV_PATH": "/nowhere",
          "GLIBC_TUNABLES": "glibc.malloc.check=0"}


class Environment(harness.Case):
    def variables(self, argv, **more):
        done = self.run_in([*argv, "env", "-0"], env=self.env(**more))
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return [entry for entry in done.stdout.split("\0") if entry]

    def assert_variables(self, change, options, **more):
        """What the command has is what `change` makes of the bare list, in both modes."""
        bare = self.variables([], **more)
        for name, value in more.items():  # the control
            self.assertIn(f"{name}={value}", bare)
        for mode in MODES:
            with self.subTest(mode=mode, options=options):
                got = self.variables([EXEC, "--mode", mode, "--system", *options, "--"], **more)
                self.assertEqual(sorted(change(bare)), sorted(got))

    @staticmethod
    def without(entries, *names):
        return [entry for entry in entries if entry.partition("=")[0] not in names]

    def test_what_steers_the_loader_is_dropped_unless_named(self):
        rows = {
            (): (),
            ("--keep-env", "LD_BIND_NOW"): ("LD_BIND_NOW=1",),
            ("--env", "GLIBC_TUNABLES=glibc.malloc.perturb=1"): ("GLIBC_TUNABLES=glibc.malloc.perturb=1",),
            ("--clean-env", "--keep-env=GCONV_PATH", "--keep-env", "OTHER", "--keep-env", "NOT_SET"):
                ("GCONV_PATH=/nowhere", "OTHER=x"),
        }
        for options, named in rows.items():
            def change(bare, options=options, named=named):
                left = self.without(bare, *LOADER)
                if "--clean-env" in options:
                    left = [e for e in left if e.partition("=")[0] in ("PATH", "HOME", "TERM", "LANG")]
                return left + list(named) + ["SANDBOX=sandpipe"]

            self.assert_variables(change, options, **LOADER, OTHER="x")

    def test_clean_keeps_six(self):
        six = {"USER": "me", "TZ": "UTC"}
        self.assert_variables(
            lambda bare: [e for e in bare if e.partition("=")[0] in
                          ("PATH", "HOME", "USER", "TERM", "LANG", "TZ")] + ["SANDBOX=sandpipe"],
            ["--clean-env"], **six, SECRET="token")

    def test_set_and_unset(self):
        rows = {
            ("--env", "A=new", "--env", "B=x=y", "--env", "C=", "--env", "A=last"):
                ("A=last", "B=x=y", "C=", "SANDBOX=sandpipe"),
            ("--unset-env", "A", "--unset-env", "NOT_SET", "--unset-env", "SANDBOX"): (),
            ("--unset-env", "A", "--env", "SANDBOX=mine"): ("SANDBOX=mine",),
        }
        for options, added in rows.items():
            self.assert_variables(
                lambda bare, added=added: self.without(bare, "A", "SANDBOX") + list(added),
                options, A="old", SANDBOX="outer")

    def test_the_commands_path_finds_the_command(self):
        here = self.work / "here"
        here.mkdir()
        script = here / "only-here"
        script.write_text("#!/bin/sh\necho found\n")
        script.chmod(0o755)
        for mode in MODES:
            options = [EXEC, "--mode", mode, "--system", "-r", self.work]
            self.assertEqual(127, self.run_in([*options, "only-here"]).returncode)
            done = self.run_in([*options, "--env", f"PATH={here}:/bin", "only-here"])
            self.assertEqual((0, "found\n"), (done.returncode, done.stdout), done.stderr)

    def test_after_another_stage(self):
        got = self.variables([NET, "--", EXEC, "--system",
                              "--clean-env", "--env", "A=b", "--"], SECRET="token")
        self.assertEqual(["A=b", "HOME", "LANG", "PATH", "SANDBOX=sandpipe", "TERM"],
                         sorted(e if e[:2] in ("A=", "SA") else e.partition("=")[0] for e in got))

    def test_bad_input(self):
        marker = self.work / "ran"
        rows = {
            ("--env", "A"): "--env needs NAME=VALUE, not A; to pass a variable on, write --keep-env NAME",
            ("--env", "=x"): "--env needs NAME=VALUE, not =x",
            ("--env", ""): "--env needs NAME=VALUE, not ",
            ("--keep-env", "A=b"): "--keep-env needs NAME, not A=b",
            ("--keep-env", ""): "--keep-env needs NAME, not ",
            ("--unset-env", "A=b"): "--unset-env needs NAME, not A=b",
            ("--unset-env", "A", "--env", "A=b"): "--unset-env A contradicts --env A",
            ("--keep-env", "A", "--unset-env", "A"): "--unset-env A contradicts --keep-env A",
            ("--env", "SANDBOX_HANDOFF_FD=3"): "no command sees this one",
            ("--clean-env", "--clean-env"): "--clean-env is given twice",
            ("--clean-env", "--realise"): "--realise restricts nothing of its own",
        }
        for options, message in rows.items():
            with self.subTest(options):
                done = self.run_in([EXEC, "--system", "-w", self.work, *options, "--", "touch", marker])
                self.assertEqual((125, 1), (done.returncode, done.stderr.count("\n")), done.stderr)
                self.assertIn(message, done.stderr)
                self.assertFalse(marker.exists())


if __name__ == "__main__":
    harness.main()
