"""Reading what is not granted, and knowing of it."""

import attacks
from attacks import LANDLOCK, Row, gaps

FILE = {"fd": "{outside}/secret"}
DIRECTORY = {"fd": "{outside}"}
SHOWN = gaps(LANDLOCK, "Landlock has no right for it: what is not granted cannot be opened, but it can be named")


class Reading(attacks.Case):
    rows = (
        Row("read a file", "read {outside}/secret"),
        Row("list a directory", "read {outside}"),
        Row("read by openat2", "openat2 {outside}/secret"),
        Row("read through ..", "read {work}/../outside/secret"),
        Row("read through the root's magic link", "proc_root {outside}/secret"),
        Row("read through a symbolic link", "symlink_out {outside}/secret"),
        Row("read through 39 symbolic links", "symlink_chain {outside}/secret"),
        Row("enter a directory and read from within", "enter_and_read {outside} secret"),
        Row("execute a program", "execute {outside}/program 0"),
        Row("link a file into the work directory", "link {outside}/secret {work}/linked"),
        Row("open a file by its handle", "open_by_handle {outside}/secret", needs=("root",), how="EPERM"),
        Row("open a terminal of another session", "open_writing {terminal}"),
    )


class Descriptors(attacks.Case):
    rows = (
        Row("read an inherited descriptor", "read_fd {fd}", fds=FILE, how="EBADF"),
        Row("read beneath an inherited directory", "read_beneath_fd {fd} secret", fds=DIRECTORY, how="EBADF"),
        Row("enter an inherited directory", "enter_fd_and_read {fd} secret", fds=DIRECTORY),
        Row("open an inherited descriptor again", "reopen_fd_writing {fd}", fds=FILE),
        Row("give an inherited descriptor a name", "link_fd {fd} {work}/linked", fds=FILE),
        Row("write to what is standard input", "reopen_fd_writing 0", stdin="{outside}/secret"),
        Row("give standard input a name", "link_fd 0 {work}/linked", stdin="{outside}/secret"),
        Row("read beneath a directory that is standard input", "read_beneath_fd 0 secret", stdin="{outside}",
            how="125"),
        Row("change modes beneath a directory that is standard input", "chmod /proc/self/fd/0/secret",
            stdin="{outside}", how="125"),
    )


class Knowing(attacks.Case):
    rows = (
        Row("stat", "stat {outside}/secret", gaps=SHOWN),
        Row("access", "access {outside}/secret", gaps=SHOWN),
        Row("statfs", "statfs {outside}/secret", gaps=SHOWN),
        Row("read a link's target", "readlink {outside}/link", gaps=SHOWN),
        Row("read an extended attribute", "getxattr {outside}/secret", gaps=SHOWN),
        Row("ask for a file's handle", "name_to_handle {outside}/secret", gaps=SHOWN),
        Row("open as a path", "open_path {outside}/secret", gaps=SHOWN),
        Row("enter a directory", "chdir {outside}", gaps=SHOWN),
        Row("watch a directory", "watch {outside}", gaps=SHOWN),
    )


if __name__ == "__main__":
    attacks.main()
