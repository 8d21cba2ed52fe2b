"""Reaching a server that is not allowed, and being one: the servers see no packet."""

import socket

import attacks
from attacks import EXEC, Row

NET = EXEC + ("net",)


def visit(host, process):
    """As somebody of the host who connects to what the sandbox listens on."""
    with socket.socket() as client:
        client.settimeout(60)
        if client.connect_ex(("127.0.0.1", host.free)) == 0:
            process.wait()


class Reaching(attacks.Case):
    rows = (
        # The port of `tcp` is that of the allowed server, whose name alone is allowed.
        Row("TCP", "tcp 127.0.0.1 {tcp}", modes=NET),
        Row("TCP, not waiting for connect", "tcp_nonblocking 127.0.0.1 {tcp}", modes=NET),
        Row("TCP, IPv6", "tcp ::1 {tcp6}", modes=NET, needs=("ipv6",)),
        Row("TCP, IPv4 in IPv6", "tcp ::ffff:127.0.0.1 {tcp}", modes=NET, needs=("ipv6",)),
        Row("TCP, any address", "tcp 0.0.0.0 {tcp}", modes=NET),
        Row("TCP fast open", "tcp_fastopen 127.0.0.1 {tcp}", modes=NET, needs=("fastopen",)),
        Row("TCP fast open by connect", "tcp_fastopen_connect 127.0.0.1 {tcp}", modes=NET, needs=("fastopen",)),
        Row("MPTCP", "mptcp 127.0.0.1 {tcp}", modes=NET, needs=("mptcp",)),
        Row("UDP", "udp 127.0.0.1 {udp}", modes=NET),
        Row("UDP, IPv6", "udp ::1 {udp6}", modes=NET, needs=("ipv6",)),
        Row("UDP, unconnected", "udp_send 127.0.0.1 {udp}", modes=NET, seen=True),
        Row("DNS", "dns 127.0.0.1 {udp}", modes=NET),
    )


class Inherited(attacks.Case):
    """Standard input that was made in the host's network."""
    rows = (
        Row("connect a TCP socket anew", "reconnect_fd 0 127.0.0.1 {tcp}", modes=NET,
            stdin="socket tcp", how="125"),
        Row("send from a UDP socket", "send_from_fd 0 127.0.0.1 {udp}", modes=NET,
            stdin="socket udp", how="125", seen=True),
        Row("send from a unix socket", "unix_dgram_from_fd 0 {shared}/dgram", modes=NET,
            stdin="socket unix", how="125", seen=True),
    )


class Sockets(attacks.Case):
    rows = (
        Row("raw socket", "raw", modes=NET, needs=("root",)),
        Row("another network namespace", "setns net {victim}", modes=NET, needs=("root",)),
        Row("packet socket", "packet", modes=NET, needs=("packet",), how="EAFNOSUPPORT"),
        Row("vsock", "vsock", modes=NET, needs=("vsock",), how="EAFNOSUPPORT"),
        Row("netlink, sock_diag", "netlink_diag", modes=NET, how="EAFNOSUPPORT"),
        Row("netlink, uevents", "socket 16 3 15", modes=NET, how="EAFNOSUPPORT"),
        Row("netlink, audit", "socket 16 3 9", modes=NET, how="EAFNOSUPPORT"),
        Row("netlink, generic", "socket 16 3 16", modes=NET, how="EAFNOSUPPORT"),
        Row("UDP-Lite", "socket 2 2 136", modes=NET, needs=("udplite",)),
        Row("TCP, with high bits in family and type", "socket 0x100000002 0x100000001 0x100000000",
            modes=tuple(name for name in EXEC if "n" not in attacks.MODES[name].letters), how="EAFNOSUPPORT"),
        Row("any family at all", "any_family", how="EAFNOSUPPORT",
            modes=tuple(name for name in EXEC if "n" not in attacks.MODES[name].letters)),
    )


class Serving(attacks.Case):
    rows = (
        Row("listen where the host connects", "listen 127.0.0.1 {free}", modes=NET, during=visit),
        Row("listen on every address", "listen 0.0.0.0 {free}", modes=NET, during=visit),
    )


if __name__ == "__main__":
    attacks.main()
