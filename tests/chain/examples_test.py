"""The README's example prints what it says; the manuals' examples work."""

import functools
import http.server
import pathlib
import re
import shutil
import subprocess
import threading
import unittest

import harness

# Pages lie as in the sources, or all beside this file.
HERE = pathlib.Path(__file__).parent
TOP = HERE if (HERE / "README.md").exists() else HERE.parents[1]

MAKEFILE = """\
hello: hello.c greeting.h
\tcc -o hello hello.c
greeting.h:
\tcurl -sSO http://origin.test:8080/greeting.h
"""
SOURCE = """\
#include <stdio.h>
#include "greeting.h"
int main(void) { return puts(GREETING) < 0; }
"""
HEADER = '#define GREETING "built in a sandbox"\n'


def page(name):
    found = sorted(TOP.glob(name)) + sorted(TOP.glob(f"*/{name}"))
    return found[0].read_text(encoding="utf-8")


class Examples(harness.Case):
    def setUp(self):
        super().setUp()
        self.home = self.top / "home" / "you"
        (self.home / ".ssh").mkdir(parents=True)
        (self.home / ".ssh" / "id_ed25519").write_text("key\n")
        origin = self.top / "origin"
        origin.mkdir()
        (origin / "greeting.h").write_text(HEADER)

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Handler, directory=str(origin)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.port = str(server.server_address[1])

    def project(self):
        """The project of the examples, as it was before any of them."""
        project = self.home / "hello"
        shutil.rmtree(project, ignore_errors=True)
        project.mkdir()
        (project / "Makefile").write_text(MAKEFILE.replace("8080", self.port))
        (project / "hello.c").write_text(SOURCE)
        return project

    def shell(self, script, cwd):
        script = script.replace("8080", self.port)
        done = self.run_in(["bash", "-e", "-o", "pipefail", "-c", script], cwd=cwd,
                           env=self.env(), stderr=subprocess.STDOUT)
        return done.returncode, done.stdout.replace(self.port, "8080").replace(str(self.top), "")

    def test_the_readme_prints_what_it_says(self):
        session = re.search(r"```console\n(.*?)```", page("README.md"), re.DOTALL)[1]
        project = self.project()
        shown, printed = "", ""
        # A command may go on after a backslash; what follows it is its output.
        steps = re.findall(r"^\$ ((?:.*\\\n)*.*\n)((?:[^$].*\n)*)", session, re.MULTILINE)
        for command, output in steps:
            shown += f"$ {command}{output}"
            printed += f"$ {command}{self.shell(command, project)[1]}"
        self.assertEqual(session, shown)
        self.assertEqual(session, printed)

    def test_the_readme_shows_what_the_sandbox_prevents(self):
        """The control: the same without it."""
        status, printed = self.shell("cat ~/.ssh/id_ed25519", self.project())
        self.assertEqual((0, "key\n"), (status, printed))

    def test_the_manuals_examples_work(self):
        count = 0
        for tool in ("cow", "exec", "netbridge", "trace"):
            section = page(f"sandbox-{tool}.1").partition(".SH EXAMPLES")[2].partition(".SH ")[0]
            for example in re.findall(r"^\.EX\n(.*?)^\.EE", section, re.DOTALL | re.MULTILINE):
                script = example.replace("\\-", "-").replace("\\e", "\\")
                with self.subTest(script):
                    project = self.project()
                    (project / "greeting.h").write_text(HEADER)
                    # A server that is not ours, by the one that is.
                    script = script.replace("https://example.com/", "http://example.com:8080/")
                    script = script.replace("example.com:443",
                                            "example.com:8080 --resolve example.com=127.0.0.1")
                    status, printed = self.shell(script, project)
                    self.assertEqual(0, status, printed)
                    count += 1
        self.assertGreaterEqual(count, 12)


if __name__ == "__main__":
    harness.main()
