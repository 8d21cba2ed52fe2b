"""Handoffs made by hand, sound and unsound: protobuf's wire format, the frame, the sealed memfd.

Written apart from lib/handoff on purpose, so that the two are held against each other; the field
numbers are those of lib/handoff/handoff.proto.
"""

import fcntl
import os
import struct

VARIABLE = "SANDBOX_HANDOFF_FD"
MAX_BYTES = 1 << 20
MEMFD = 50  # where a test's process puts it

SEALS = (fcntl.F_SEAL_SEAL, fcntl.F_SEAL_SHRINK, fcntl.F_SEAL_GROW, fcntl.F_SEAL_WRITE)
ALL_SEALS = sum(SEALS)

SOCKET, NAMESPACE, PIDFD, FILE = 1, 2, 3, 4  # Descriptor.Kind


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def field(number, value):
    """One field: a number as a varint, text and bytes (a message too) with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(*fields):
    """A message of (number, value) pairs, in their order."""
    return b"".join(field(number, value) for number, value in fields)


def stage(tool="sandbox-before", version="0.1.0", more=b""):
    return message((1, tool), (2, version)) + more


def descriptor(name, number, kind, more=b""):
    return message((1, name), (2, number), (3, kind)) + more


def directory(path="/", device=1, inode=1, more=b""):
    return message((1, path), (2, device), (3, inode)) + more


def layer(workdir, upper, work, storage, more=b""):
    return message((1, workdir), (2, upper), (3, work), (4, storage)) + more


def network(user, net, more=b""):
    return message((1, user), (2, net)) + more


def interest(tool, socket, calls, more=b""):
    return message((1, tool), (2, socket), *((3, call) for call in calls)) + more


def caller(blocked=0, ignored=0, closed=0, more=b""):
    return message((1, blocked), (2, ignored), (3, closed)) + more


def identity(path):
    """A directory message that is true."""
    info = os.stat(path)
    return directory(str(path), info.st_dev, info.st_ino)


def handoff(pid, version=1, stages=(stage(),), mode=None, descriptors=(), callers=(), layers=(),
            networks=(), interests=(), more=b""):
    """The message. None leaves a field out."""
    fields = [(1, version), (2, pid), (3, mode), *((4, one) for one in stages),
              *((5, one) for one in descriptors), *((6, one) for one in callers),
              *((7, one) for one in layers), *((8, one) for one in networks),
              *((9, one) for one in interests)]
    return message(*((number, value) for number, value in fields if value is not None)) + more


def frame(body, size=None, magic=b"SBXH"):
    return magic + struct.pack("=I", len(body) if size is None else size) + body


def memfd(content, seals=ALL_SEALS):
    fd = os.memfd_create("handoff", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with os.fdopen(os.dup(fd), "wb") as file:
        file.write(content)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd


def place(fd, number=MEMFD):
    """Has `fd` cross the exec as `number`."""
    if fd == number:
        os.set_inheritable(fd, True)
    else:
        os.dup2(fd, number, inheritable=True)
        os.close(fd)


def handing(**fields):
    """Makes a sealed handoff for whatever process calls it."""
    return lambda: place(memfd(frame(handoff(os.getpid(), **fields))))
