#!/usr/bin/python3
"""What pages and comments name is there: links, files, tests, rows, layers.

Reads the whole source tree, which it finds behind the link to this file."""

import pathlib
import re
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = re.compile(r"^(\.git|bazel-[^/]*)(/|$)")

LINK = re.compile(r"\]\(([^)\s]+)\)")
# A path from the top: its first part is one of our directories.
NAMED = re.compile(r"(?<![\w./-])"
                   r"((?:lib|doc|tests|tools|third_party|sandbox-[a-z]+)/[\w./*{},-]*[\w}])")
TEST = re.compile(r"`(test_\w+)`")
PAGE = re.compile(r"\b(doc/[\w/-]+\.md)\b")


def files(*suffixes):
    for path in sorted(TOP.rglob("*")):
        name = str(path.relative_to(TOP))
        if path.is_file() and not SKIPPED.match(name) and (not suffixes or path.suffix in suffixes):
            yield path


def text(path):
    return path.read_text(encoding="utf-8", errors="replace")


def is_there(name):
    """Whether `name`, which may have stars and {alternatives}, is a file or directory of ours."""
    alternatives = re.search(r"\{([^}]*)\}", name)
    if alternatives:
        start, end = name[:alternatives.start()], name[alternatives.end():]
        return all(is_there(start + middle + end) for middle in alternatives[1].split(","))
    return any(True for _ in TOP.glob(name))


def slugs(page):
    """What a link may have after its #."""
    titles = re.findall(r"^#+ (.*)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def leads_somewhere(page, link):
    target, _, anchor = link.partition("#")
    if re.match(r"[a-z]+:", link):
        return True  # of the world
    found = (page.parent / target).resolve() if target else page
    return found.exists() and (not anchor or anchor in slugs(found))


class Links(unittest.TestCase):
    def assert_all(self, holds, pattern, *suffixes):
        """For every match of `pattern` in the files holds(file, match) is true."""
        count, faults = 0, []
        for path in files(*suffixes):
            for match in pattern.findall(text(path)):
                count += 1
                if not holds(path, match):
                    faults.append(f"{path.relative_to(TOP)}: {match}")
        self.assertGreater(count, 0)
        self.assertEqual([], faults)

    def test_the_patterns_find_what_they_should(self):
        self.assertEqual(["x.md"], LINK.findall("see [this page](x.md)."))
        named = "(lib/a/b.cc), `tests/c`. lib/seccomp:names /usr/lib/d x/lib/e //lib/..."
        self.assertEqual(["lib/a/b.cc", "tests/c", "lib/seccomp"], NAMED.findall(named))
        self.assertTrue(is_there("sandbox-exec/tool.{h,cc}") and is_there("lib/*/BUILD"))
        self.assertFalse(is_there("sandbox-exec/tool.{h,py}") or is_there("lib/nothing"))
        readme = TOP / "README.md"
        self.assertTrue(leads_somewhere(readme, "doc/tools.md#what-each-tool-changes"))
        self.assertFalse(leads_somewhere(readme, "doc/tools.md#nothing"))

    def test_links_lead_somewhere(self):
        self.assert_all(leads_somewhere, LINK, ".md")

    def test_named_files_are_there(self):
        plan = TOP / "doc/next.md"  # names what is not there yet
        self.assert_all(lambda page, name: page == plan or is_there(name), NAMED, ".md")

    def test_pages_that_sources_name_are_there(self):
        self.assert_all(lambda _, name: (TOP / name).exists(), PAGE)

    def test_named_tests_are_there(self):
        sources = "".join(text(path) for path in files(".py"))
        self.assert_all(lambda _, name: f"def {name}(" in sources, TEST, ".md")

    def test_each_row_of_the_table_of_tools_is_a_test(self):
        rows = re.findall(r"^\| ([a-z_ ]+) \|", text(TOP / "doc/tools.md"), re.MULTILINE)
        tests = re.findall(r"def test_(\w+)\(self\)", text(TOP / "tests/chain/tools_test.py"))
        self.assertGreater(len(rows), 10)
        self.assertEqual([], [row for row in rows if row.replace(" ", "_") not in tests])

    def test_the_layers_are_those_of_the_build_files(self):
        libraries = {path.parent.name: text(path) for path in TOP.glob("lib/*/BUILD")}
        del libraries["testing"]  # stands beside
        drawing = text(TOP / "doc/architecture.md")
        for layer in range(5):
            line = re.search(rf"^    L{layer}  (.*)$", drawing, re.MULTILINE)[1]
            # A name a column; what a line says in words has blanks in it.
            columns = re.split(r" {2,}", re.sub(r" \([^)]*\)", "", line))
            drawn = {column for column in columns if re.fullmatch(r"[a-z]+", column)}
            built = {name for name, build in libraries.items() if f":layer{layer}_users" in build}
            self.assertEqual(built, drawn)


if __name__ == "__main__":
    unittest.main(verbosity=2)
