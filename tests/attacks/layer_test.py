"""Getting past the layer: to the real work directory, or to what the layer is stored in."""

import attacks
from attacks import LAYERED, WHOLE, Row


class Layer(attacks.Case):
    """The layer is discarded: the host sees nothing."""
    rows = tuple(Row(name, attack, modes=LAYERED, watched=WHOLE, seen=True) for name, attack in (
        ("write", "write {work}/secret"),
        ("create", "write {work}/new"),
        ("truncate", "truncate {work}/secret"),
        ("write by a mapping", "map_writing {work}/secret"),
        ("unlink", "unlink {work}/secret"),
        ("remove a directory", "rmdir {work}/empty"),
        ("rename", "rename {work}/secret {work}/renamed"),
        ("link", "link {work}/secret {work}/linked"),
        ("chmod", "chmod {work}/secret"),
        ("chown", "chown {work}/secret"),
        ("set times", "utimes {work}/secret"),
        ("set an extended attribute", "setxattr {work}/secret"),
        ("set flags", "set_flags {work}/secret"),
        ("write through the root's magic link", "write /proc/self/root{work}/secret"),
        ("unmount it and write", "beneath_layer {work} secret"),
    ))


class Storage(attacks.Case):
    rows = (
        Row("enter the raw layer", "raw_layer {top} {outside}", modes=LAYERED),
        Row("unmask the raw layer", "unmask_layer {top} {outside}", modes=LAYERED, needs=("userns",)),
        Row("make a whiteout in it", "mknod {work}/whiteout c 0 0", modes=LAYERED),
        Row("leave a whiteout in it", "whiteout {work}/file {work}/moved", modes=LAYERED),
    )


if __name__ == "__main__":
    attacks.main()
