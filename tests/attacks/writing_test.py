"""Changing what is not granted, or granted to be read."""

import attacks
from attacks import LANDLOCK, Row, gaps

METADATA = gaps(LANDLOCK, "Landlock has no right for it, and a filter cannot see which file is meant")


def rows(*table):
    """Each for a directory that is not granted and for one that may be read."""
    return tuple(Row(f"{name} ({what})", attack.replace("{dir}", "{" + place + "}"), **kwargs)
                 for place, what in (("outside", "not granted"), ("shared", "granted to be read"))
                 for name, attack, kwargs in table)


class Content(attacks.Case):
    rows = rows(
        ("write", "write {dir}/secret", {}),
        ("create", "write {dir}/new", {}),
        ("create by creat()", "creat {dir}/secret", {}),
        ("write by openat2", "openat2_writing {dir}/secret", {}),
        ("write by a mapping", "map_writing {dir}/secret", {}),
        ("write by way of a path descriptor", "reopen_path {dir}/secret", {}),
        ("write to a FIFO", "open_writing {dir}/fifo", {}),
        ("truncate", "truncate {dir}/secret", {}),
        ("truncate what is opened to be read", "truncate_reading {dir}/secret", {}),
    )


class Entries(attacks.Case):
    rows = rows(
        ("unlink", "unlink {dir}/secret", {}),
        ("remove a directory", "rmdir {dir}/empty", {}),
        ("rename", "rename {dir}/secret {dir}/renamed", {}),
        ("rename out", "rename {dir}/secret {work}/taken", {}),
        ("rename in", "rename {work}/file {dir}/put", {}),
        ("rename over", "rename {work}/file {dir}/secret", {}),
        ("exchange", "exchange {work}/file {dir}/secret", {}),
        ("link out", "link {dir}/secret {work}/linked", {}),
        ("link in", "link {work}/file {dir}/linked", {}),
        ("make a directory", "mkdir {dir}/new", {}),
        ("make a symbolic link", "symlink {dir}/new", {}),
        ("make a FIFO", "mkfifo {dir}/new", {}),
        ("make a socket", "make_socket {dir}/new", {}),
        ("make a file without a name", "tmpfile {dir}", {}),
        ("make a file without a name elsewhere and name it", "tmpfile {work} {dir}/new", {}),
        ("make a whiteout", "whiteout {dir}/secret {dir}/moved", {}),
    ) + (
        Row("make a whiteout (in the work directory)", "mknod {work}/whiteout c 0 0"),
        Row("leave a whiteout (in the work directory)", "whiteout {work}/file {work}/moved", how="EINVAL"),
        Row("make a device", "mknod {work}/null c 1 3", needs=("root",)),
        Row("make a disk", "mknod {work}/loop b 7 0", needs=("root",)),
    )


class Metadata(attacks.Case):
    rows = rows(
        ("chmod", "chmod {dir}/secret", {"gaps": METADATA}),
        ("chmod by fchmodat2", "chmodat2 {dir}/secret", {"gaps": METADATA, "needs": ("fchmodat2",)}),
        ("chown", "chown {dir}/secret", {"gaps": METADATA}),
        ("set times", "utimes {dir}/secret", {"gaps": METADATA}),
        ("set times by utime()", "utime_old {dir}/secret", {"gaps": METADATA}),
        ("set an extended attribute", "setxattr {dir}/secret", {"gaps": METADATA}),
        ("set an extended attribute by setxattrat", "setxattrat {dir}/secret",
         {"gaps": METADATA, "needs": ("setxattrat",)}),
        ("remove an extended attribute", "removexattr {dir}/secret", {"gaps": METADATA}),
        ("set an access list", "set_acl {dir}/secret", {"gaps": METADATA}),
        ("set flags by file_setattr", "file_setattr {dir}/secret", {"needs": ("file_setattr",)}),
    ) + (
        Row("chmod what is opened (granted to be read)", "chmod_opened {shared}/secret", gaps=METADATA),
        Row("set flags (granted to be read)", "set_flags {shared}/secret"),
        Row("set extended flags (granted to be read)", "set_xflags {shared}/secret"),
        Row("take a lease (granted to be read)", "lease {shared}/secret", how="EPERM|ENOENT"),
        Row("lock (granted to be read)", "lock {shared}/secret",
            gaps=gaps([name for name in attacks.EXEC if attacks.MODES[name].shared],
                      "flock() takes a file that is open, for whatever: who shares a file shares its locks")),
        Row("make a set-user-ID program (granted to be written)", "set_user_id_bit {work}/program",
            gaps=gaps(attacks.EXEC, "modes of what may be written are the command's to set; builds need them")),
    )


class GivenDescriptors(attacks.Case):
    """What the caller gives as standard input stays the caller's file."""
    GIVEN = gaps(attacks.EXEC, "standard input, output and error stay as the caller gave them: rights of its "
                               "files' owner come with them")
    rows = (
        Row("chmod what is standard input", "chmod_fd 0", stdin="{outside}/secret", gaps=GIVEN),
        Row("set times of what is standard input", "utimes_fd 0", stdin="{outside}/secret", gaps=GIVEN),
    )


if __name__ == "__main__":
    attacks.main()
