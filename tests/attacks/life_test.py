"""More rights than the caller's, a life after the tool, and typing at the terminal."""

import os

import attacks
from attacks import CONFINING, LANDLOCK, Row, gaps

USER = 1000


class Privileges(attacks.Case):
    rows = (
        Row("set-user-ID program of ours", "setuid_exec {work}/setuid_probe", needs=("root", "user"),
            modes=CONFINING, user=USER),
        Row("set-user-ID program of the system", "setuid_program /usr/bin/mount",
            needs=("setuid", "user"), modes=CONFINING, user=USER),
    )

    def setUp(self):
        super().setUp()
        if os.geteuid() == 0:
            for directory in (self.top, self.home):  # for layers
                os.chown(directory, USER, USER)


class Life(attacks.Case):
    STAYS = gaps(("landlock",), "it becomes the command, and nothing of it stays to end what that leaves")
    rows = (
        Row("daemon", "daemon {work}/mark", modes=CONFINING, seen=True, gaps=STAYS),
        Row("daemon that is a sibling", "daemon_sibling {work}/mark", modes=CONFINING, seen=True, gaps=STAYS),
        Row("daemon that its keeper traces", "daemon_traced {work}/mark", modes=CONFINING, seen=True,
            gaps=STAYS),
    )


class Terminal(attacks.Case):
    TERMINAL = {"stdin": "terminal", "how": "EPERM"}
    rows = (
        Row("type at the terminal", "tiocsti", needs=("tiocsti",), **TERMINAL),
        Row("type at the terminal with high bits", "tiocsti_high", needs=("tiocsti",), **TERMINAL),
        Row("set the line discipline", "line_discipline", **TERMINAL),
    )


if __name__ == "__main__":
    attacks.main()
