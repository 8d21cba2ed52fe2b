"""Reaching a unix socket of the host, by its path or by an abstract name."""

import attacks
from attacks import EXEC, Row

NET = EXEC + ("net",)
SEEN = {"modes": NET, "seen": True}


class Pathname(attacks.Case):
    rows = tuple(Row(f"{name} ({what})", attack.replace("{dir}", "{" + place + "}"), **SEEN)
                 for place, what in (("outside", "not granted"), ("shared", "granted to be read"))
                 for name, attack in (
                     ("stream", "unix {dir}/stream"),
                     ("stream by a symbolic link", "unix_by_link {dir}/stream"),
                     ("stream by the root's magic link", "unix_by_proc {dir}/stream"),
                     ("datagram", "unix_dgram {dir}/dgram"),
                     ("datagram with high bits", "unix_dgram_high {dir}/dgram"),
                     ("datagram from a pair", "unix_dgram_pair {dir}/dgram"),
                     ("datagram of the raw type", "unix_raw {dir}/dgram"),
                 ))


class Abstract(attacks.Case):
    rows = (
        Row("abstract stream", "abstract {abstract}", **SEEN),
        Row("abstract datagram", "abstract_dgram {abstract_dgram}", **SEEN),
    )


if __name__ == "__main__":
    attacks.main()
