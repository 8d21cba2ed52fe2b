"""A real Debian source package, built, tested and joined by a file from the network, in every chain."""

import os
import shutil
import unittest

import harness
from order_test import Origin

INPUTS = os.environ.get("SANDBOX_TEST_INPUTS", "")

# All of the package's own test suite takes a minute; the deep run has it in every order.
SOME_TESTS = "TESTS='hufts keep list null-suffix-clobber stdin two-files'"


class Build(harness.Case):
    def prepare(self):
        """The package at its place, as it was before any build."""
        pristine = self.top / "pristine"
        shutil.rmtree(self.work)
        if not pristine.exists():
            # It learns where it lies: configured once, then copied back to the same path.
            shutil.copytree(f"{INPUTS}/gzip", self.work, symlinks=True)
            self.run_in(["./configure", "-q"], env=self.env(FORCE_UNSAFE_CONFIGURE="1"))
            shutil.copytree(self.work, pristine, symlinks=True)
            shutil.rmtree(self.work)
        shutil.copytree(pristine, self.work, symlinks=True)

    def build(self, letters, origin, tests):
        self.prepare()
        fetch = f"curl -sS --max-time 60 http://origin.test:{origin.port}/ -o fetched"
        if "n" not in letters:
            fetch = "echo payload >fetched"
        script = f"make -s -j2 && make -s check {tests} && {fetch}"
        done = self.run_in(harness.line(letters, self.work, origin.port) + ["sh", "-c", script],
                           env=self.env(SOURCE_DATE_EPOCH="1", TMPDIR="/tmp", VERBOSE=""))
        self.assertEqual(0, done.returncode, done.stdout[-3000:] + done.stderr[-3000:])
        self.assertIn("# FAIL:  0", done.stdout)
        return harness.tree(self.work)

    def test_the_result_is_that_of_the_bare_build(self):
        self.assertTrue(INPUTS, "SANDBOX_TEST_INPUTS names no directory: tests/inputs/fetch DIR makes one")
        origin = Origin()
        origin.start()
        bare = self.build("", origin, SOME_TESTS)
        again = self.build("", origin, SOME_TESTS)
        # Logs of the suite hold process numbers.
        unstable = {path for path in bare.keys() | again.keys() if bare.get(path) != again.get(path)}
        self.assertTrue(all(path.startswith("tests/") and path.endswith((".log", ".trs")) for path in unstable), unstable)
        chains = list(harness.chains()) if os.environ.get("SANDBOX_TEST_DEEP") else [
            "cnte", "ctne", "ncte", "ntce", "tcne", "tnce", "cnt", "cne", "cte", "nte", "cn", "ct", "nt", "ce", "ne", "te",
            "c", "n", "t", "e"]
        for letters in chains:
            with self.subTest(letters):
                tests = "" if os.environ.get("SANDBOX_TEST_DEEP") else SOME_TESTS
                result = self.build(letters, origin, tests)
                different = {path for path in bare.keys() | result.keys() if bare.get(path) != result.get(path)}
                self.assertEqual(set(), different - unstable)
                self.assert_nothing_left()


if __name__ == "__main__":
    harness.main()
