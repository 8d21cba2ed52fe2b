"""Ways to more of the kernel than a command needs: namespaces, mounts, rare calls, side entries."""

import attacks
from attacks import Row

NEW = {"user": 0x10000000, "mount": 0x00020000, "net": 0x40000000, "pid": 0x20000000, "ipc": 0x08000000,
       "uts": 0x04000000, "cgroup": 0x02000000}
TIME = 0x80  # of unshare() and clone3() alone
USER = NEW["user"]
HIGH = 1 << 32


class Namespaces(attacks.Case):
    rows = (
        Row("user namespace", "new_userns", needs=("userns",), how="EPERM"),
        Row("user namespace by clone", "new_userns_clone", needs=("userns",), how="EPERM"),
        Row("network namespace", "new_netns", needs=("userns",), how="EPERM"),
        Row("time namespace", f"unshare {USER | TIME:#x}", needs=("userns",), how="EPERM"),
        Row("user namespace by clone with high bits", f"clone {USER | HIGH:#x}", needs=("userns",),
            how="EPERM"),
        Row("user namespace by clone3", f"clone3 {USER:#x}", needs=("userns",), how="ENOSYS"),
        *(Row(f"{name} namespace by unshare", f"unshare {USER | flag:#x}", needs=("userns",), how="EPERM")
          for name, flag in NEW.items()),
        *(Row(f"{name} namespace by clone", f"clone {USER | flag:#x}", needs=("userns",), how="EPERM")
          for name, flag in NEW.items()),
        *(Row(f"{name} namespace alone by unshare", f"unshare {flag:#x}", needs=("root",), how="EPERM")
          for name, flag in NEW.items()),
        Row("join a namespace", "setns uts", needs=("root",), how="EPERM"),
        Row("join a network namespace", "setns net", needs=("root",), how="EPERM"),
    )


class Mounts(attacks.Case):
    rows = (
        Row("mount", "mount", needs=("userns",), how="EPERM"),
        Row("bind", "bind_mount {work}", needs=("userns",), how="EPERM"),
        Row("remount to be written", "remount_writable /", needs=("userns",), how="EPERM"),
        Row("open a mount", "open_tree {work}", how="EPERM"),
        Row("open a file system", "fsopen", needs=("userns",), how="EPERM"),
        Row("change the root by pivot_root", "pivot_root", needs=("userns",), how="EPERM"),
        Row("change the root by chroot", "chroot", needs=("root",), how="EPERM"),
    )


class Calls(attacks.Case):
    rows = (
        Row("io_uring", "io_uring", needs=("io_uring",), how="EPERM", modes=attacks.EXEC + ("net",)),
        Row("the 32-bit entry", "int80", needs=("int80",), how="SIGSYS"),
        Row("the x32 entry", "x32", needs=("x32",), how="ENOSYS"),
        Row("a listener of its own", "second_listener", how="EPERM", modes=attacks.EXEC + ("net",)),
        Row("key of the user", "keyctl", needs=("keys",), how="EPERM"),
        Row("new key", "add_key", needs=("keys",), how="EPERM"),
        Row("bpf", "bpf", needs=("bpf",), how="EPERM"),
        Row("perf events", "perf_event", needs=("perf",), how="EPERM"),
        Row("userfaultfd", "userfaultfd", needs=("userfaultfd",), how="EPERM"),
        Row("personality: fixed addresses", "call 135 0x0040000", how="EPERM"),
        Row("personality: everything executable", "call 135 0x0400000", how="EPERM"),
        Row("personality with high bits", "call 135 0x100040000", how="EPERM"),
        Row("local descriptor table", "modify_ldt", needs=("ldt",), how="EPERM"),
        Row("I/O ports", "call 173 0x80 1 1", needs=("root", "ports"), how="EPERM"),
        Row("I/O privilege level", "call 172 3", needs=("root", "ports"), how="EPERM"),
        Row("host name", "sethostname", needs=("root",), how="EPERM"),
        Row("kernel module", "load_module", needs=("modules",), how="EPERM"),
        Row("file system events", "fanotify_init", how="EPERM"),
        Row("kernel log", "kernel_log", needs=("dmesg",), how="EPERM"),
    )


class Files(attacks.Case):
    """Files of the kernel that root may write by its number alone; opened, never written."""
    rows = tuple(Row(f"open {path}", f"open_writing {path}", needs=("root", path)) for path in (
        "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname",
        "/proc/sys/vm/drop_caches", "/dev/kmsg", "/dev/kvm", "/dev/fuse", "/dev/loop-control",
        "/dev/loop0", "/dev/net/tun", "/dev/mem", "/dev/uinput", "/sys/kernel/uevent_helper",
        "/sys/power/state")) + (
        Row("open a setting by way of the root", "open_writing /proc/self/root/proc/sys/kernel/core_pattern",
            needs=("root", "/proc/sys/kernel/core_pattern")),
        Row("open its own oom score", "open_writing /proc/self/oom_score_adj"),
        Row("read the kernel's log device", "read /dev/kmsg", needs=("root", "/dev/kmsg")),
    )


class WithoutRights(attacks.Case):
    """The same by a chain that confines no files, as root: the machine's settings stay out of reach."""
    rows = tuple(
        Row(f"open {path}", f"open_writing {path}", needs=("root", path), modes=("cow", "net"))
        for path in (
            "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches",
            "/proc/mtrr", "/proc/dynamic_debug/control", "/proc/acpi/wakeup",
            "/proc/irq/default_smp_affinity", "/sys/kernel/uevent_helper", "/sys/power/state",
            "/sys/kernel/mm/ksm/run"))


if __name__ == "__main__":
    attacks.main()
