"""total.py COUNTS UID RUN...   Adds the runs up, prints them, and holds them against the committed counts."""

import sys

counts = dict(line.split() for line in open(sys.argv[1], encoding="utf-8") if not line.startswith("#"))
wanted = int(counts["root" if sys.argv[2] == "0" else "user"])
runs = [[int(n) for n in open(path, encoding="utf-8").read().split()] for path in sys.argv[3:]]
ran, passed, failed, void, skipped = (sum(column) for column in zip(*[run for run in runs if run]))
print(f"run {ran}, passed {passed}, failed {failed}, void {void}, skipped {skipped}; at least {wanted} are to run")
print(f"{passed} passed, {failed} failed, {skipped} skipped")
if ran < wanted:
    print(f"total: fewer cases ran than {sys.argv[1]} says", file=sys.stderr)
if failed or ran < wanted:
    sys.exit(1)
