"""Reaching a process of the host: signals, memory, priorities, IPC."""

import attacks
from attacks import LANDLOCK, Row, gaps

LISTED = gaps(LANDLOCK, "/proc is the host's: who runs what can be read")


class Signals(attacks.Case):
    rows = (
        Row("ask for the right to signal", "signal {victim}"),
        Row("signal", "signal {victim} 10", seen=True),
        Row("signal a thread", "signal_thread {victim} 10", seen=True),
        Row("signal by sigqueue", "signal_queued {victim} 10", seen=True),
        Row("signal by pidfd", "signal_pidfd {victim} 10", seen=True),
        Row("signal the process group", "signal_group 10", seen=True),
        Row("signal as a descriptor's owner", "signal_by_owner {victim} 10", seen=True),
    )


class Memory(attacks.Case):
    rows = (
        Row("trace", "ptrace {victim}", needs=("ptrace",)),
        Row("read memory", "process_vm_readv {victim}", needs=("ptrace",)),
        Row("write memory", "process_vm_writev {victim}", needs=("ptrace",)),
        Row("advise on memory", "process_madvise {victim}", needs=("root",)),
        Row("open memory", "proc_mem {victim}", needs=("ptrace",)),
        Row("take a descriptor", "pidfd_getfd {victim}", needs=("ptrace",)),
        Row("compare descriptors", "kcmp {victim}", needs=("ptrace",)),
        Row("ask for robust futexes", "robust_list {victim}", needs=("ptrace",)),
        Row("ask where pages are", "move_pages {victim}", how="EPERM|ESRCH"),
        Row("whoever is in sight, the sandbox's own processes too", "neighbours", needs=("ptrace",)),
        Row("read the environment", "read_proc {victim} environ"),
        Row("read the memory map", "read_proc {victim} maps"),
        Row("read where the program is", "read_proc {victim} exe"),
        Row("read what is open", "read_proc {victim} fd/0"),
        Row("enter the root directory", "read_proc {victim} root"),
        Row("read the command line", "read_proc {victim} cmdline", gaps=LISTED),
        Row("read the state", "read_proc {victim} status", gaps=LISTED),
    )


class Priorities(attacks.Case):
    rows = (
        Row("set a limit", "prlimit {victim}"),
        Row("set the priority", "nice {victim}", seen=True),
        Row("set the process group's priority", "nice_group", seen=True),
        Row("set the processors", "affinity {victim}"),
        Row("set the scheduling policy", "scheduler {victim}", seen=True),
        Row("set the scheduling parameter", "scheduler_param {victim}"),
        Row("set the scheduling attributes", "scheduler_attributes {victim}", seen=True),
        Row("set the I/O priority", "io_priority {victim}", seen=True),
        Row("set the process group's I/O priority", "io_priority_group", seen=True),
    )


class Ipc(attacks.Case):
    rows = (
        Row("shared memory by its key", "shared_memory {key}", needs=("sysvipc",)),
        Row("shared memory by its number", "shared_memory_id {memory}", needs=("sysvipc",)),
        Row("semaphore", "semaphore {key}", needs=("sysvipc",)),
        Row("message queue", "message_queue {key}", needs=("sysvipc",)),
        Row("POSIX queue", "posix_queue {queue}", needs=("mqueue",)),
        Row("remove a POSIX queue", "posix_queue_unlink {queue}", needs=("mqueue",)),
    )


if __name__ == "__main__":
    attacks.main()
