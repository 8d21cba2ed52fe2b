"""Getting at what is denied within what is granted: by other names, other calls, or before it is there."""

import attacks
from attacks import Mode, Row

DENIES = ("--deny", "{work}/secret", "--deny", "{work}/**/*.key", "--deny", "{work}/upper/inner",
          "--deny-write", "{work}/absent", "--deny-write", "{work}/other", "--protect")
WATCHED = ("secret", "other", "absent", "upper", "deep", "repo", ".bashrc", "new/.git/hooks",
           "new/.claude/settings.json")
MODES = {
    "strict, denies": Mode("e", ("--mode=strict", *DENIES)),
    "strict, denies, read grant": Mode("e", ("--mode=strict", *DENIES), shared=True),
    "trace, denies": Mode("te", DENIES),
    "net, denies": Mode("ne", DENIES),
    "cow, denies": Mode("ce", DENIES),
    "all four, denies": Mode("cnte", DENIES, shared=True),
}


def rows(*table, **more):
    return tuple(Row(name, attack, modes=tuple(MODES), watched=WATCHED, **more)
                 for name, attack in table)


class Denies:
    modes = MODES

    def prepare(self, work):
        for directory in ("deep/a", "repo/.git/hooks", "repo/.claude"):
            (work / directory).mkdir(parents=True)
        for file in ("deep/a/x.key", "deep/a/x.txt", "repo/.git/hooks/pre-commit", "repo/.git/config",
                     "repo/.claude/settings.json"):
            (work / file).write_text("secret\n")


class Reading(Denies, attacks.Case):
    rows = rows(
        ("read", "read {work}/secret"),
        ("read by openat2", "openat2 {work}/secret"),
        ("read through ..", "read {work}/empty/../secret"),
        ("read through the root's magic link", "proc_root {work}/secret"),
        ("read through a symbolic link", "symlink_out {work}/secret"),
        ("enter the directory and read from within", "enter_and_read {work} secret"),
        ("read by another name", "link {work}/secret {work}/linked"),
        ("read by another name after a rename", "rename {work}/secret {work}/renamed"),
        ("read after an exchange", "exchange {work}/secret {work}/file"),
        ("read when the directory on the way is renamed", "rename_then_read {work}/upper {work}/moved inner"),
        ("write", "write {work}/secret"),
        ("unlink", "unlink {work}/secret"),
        ("rename over", "rename {work}/file {work}/secret"),
        ("chmod", "chmod {work}/secret"),
        ("truncate", "truncate {work}/secret"),
        ("set an extended attribute", "setxattr {work}/secret"),
        ("a glob: read", "read {work}/deep/a/x.key"),
        ("a glob: map", "map_writing {work}/deep/a/x.key"),
        ("a glob: rename out of it", "rename {work}/deep/a/x.key {work}/deep/a/y.txt"),
        ("a glob: rename into it", "rename {work}/deep/a/x.txt {work}/deep/a/y.key"),
        ("a glob: link out of it", "link {work}/deep/a/x.key {work}/deep/a/y.txt"),
        ("a glob: create", "write {work}/deep/a/new.key"),
        ("a glob: read by way of a path descriptor", "reopen_path {work}/deep/a/x.key"),
        ("a glob: read through the root's magic link", "proc_root {work}/deep/a/x.key"),
        ("a glob: read through a symbolic link", "symlink_out {work}/deep/a/x.key"),
        ("a glob: enter the directory and read from within", "enter_and_read {work}/deep/a x.key"),
    )


class Writing(Denies, attacks.Case):
    rows = rows(
        ("write", "write {work}/other"),
        ("write by openat2", "openat2_writing {work}/other"),
        ("write by a mapping", "map_writing {work}/other"),
        ("write by way of a path descriptor", "reopen_path {work}/other"),
        ("truncate", "truncate {work}/other"),
        ("truncate what is opened to be read", "truncate_reading {work}/other"),
        ("unlink", "unlink {work}/other"),
        ("rename", "rename {work}/other {work}/renamed"),
        ("rename over", "rename {work}/file {work}/other"),
        ("exchange", "exchange {work}/file {work}/other"),
        ("link out", "link {work}/other {work}/linked"),
        ("chmod", "chmod {work}/other"),
        ("chmod by fchmodat2", "chmodat2 {work}/other"),
        ("chmod what is opened", "chmod_opened {work}/other"),
        ("chown", "chown {work}/other"),
        ("set times", "utimes {work}/other"),
        ("set an extended attribute", "setxattr {work}/other"),
        ("remove an extended attribute", "removexattr {work}/other"),
        ("set an access list", "set_acl {work}/other"),
        ("set flags", "set_flags {work}/other"),
        ("set extended flags", "set_xflags {work}/other"),
        ("write to what is absent", "write {work}/absent"),
        ("absent: make a directory", "mkdir {work}/absent"),
        ("absent: make a path beneath it", "make_path {work}/absent/a/b"),
        ("absent: make a symbolic link", "symlink {work}/absent"),
        ("absent: make a FIFO", "mkfifo {work}/absent"),
        ("absent: make a socket", "make_socket {work}/absent"),
        ("absent: link", "link {work}/file {work}/absent"),
        ("absent: rename", "rename {work}/file {work}/absent"),
        ("absent: name a file without a name", "tmpfile {work} {work}/absent"),
    )


class Protected(Denies, attacks.Case):
    rows = rows(
        ("write a hook", "write {work}/repo/.git/hooks/pre-commit"),
        ("create a hook", "write {work}/repo/.git/hooks/post-merge"),
        ("rename onto a hook", "rename {work}/file {work}/repo/.git/hooks/post-merge"),
        ("link onto a hook", "link {work}/file {work}/repo/.git/hooks/post-merge"),
        ("link a hook out", "link {work}/repo/.git/hooks/pre-commit {work}/linked"),
        ("chmod a hook", "chmod {work}/repo/.git/hooks/pre-commit"),
        ("move hooks away", "rename {work}/repo/.git/hooks {work}/repo/.git/h"),
        ("move the repository's store away", "rename {work}/repo/.git {work}/repo/.g"),
        ("move it and make another", "move_and_make_anew {work}/repo/.git {work}/repo/.g hooks/x"),
        ("move a directory in as one", "rename {work}/deep {work}/.git"),
        ("a new repository with hooks", "make_path {work}/new/.git/hooks/x"),
        ("a repository of a symbolic link", "link_then_write {work}/repo/.git {work}/alias hooks/x"),
        ("write settings", "write {work}/repo/.claude/settings.json"),
        ("create settings", "make_path {work}/new/.claude/settings.json"),
        ("write git's configuration", "write {work}/repo/.git/config"),
        ("a shell's start-up file", "write {work}/.bashrc"),
        ("a shell's start-up file by a rename", "rename {work}/file {work}/.bashrc"),
    )


if __name__ == "__main__":
    attacks.main()
