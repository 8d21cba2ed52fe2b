"""count.py DIR   Counts the cases in all test.xml beneath DIR: RUN PASSED FAILED VOID SKIPPED."""

import pathlib
import re
import sys


def count(text):
    cases = re.findall(r"<testcase [^>]*?(?:/>|>.*?</testcase>)", text, re.DOTALL)
    failed = sum("<failure" in case or "<error" in case for case in cases)
    skipped = sum("<skipped" in case for case in cases)
    void = sum(int(n) for n in re.findall(r'\bvoid="(\d+)"', text))
    return len(cases) - skipped, len(cases) - skipped - failed, failed, void, skipped


totals = [0] * 5
for path in pathlib.Path(sys.argv[1]).resolve().rglob("test.xml"):
    totals = [a + b for a, b in zip(totals, count(path.read_text(encoding="utf-8", errors="replace")))]
print(*totals)
