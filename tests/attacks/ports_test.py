"""Getting past a grant of TCP ports, or of all, in the caller's own network."""

import attacks
from attacks import Mode, Row

# The port of the server that no row may reach is `tcp6`; that of the one that all may, `tcp`.
PORTS = ("--connect-tcp", "{tcp}", "--bind-tcp", "{free}")
MODES = {
    "strict, ports": Mode("e", ("--mode=strict", *PORTS), shared=True),
    "landlock, ports": Mode("e", ("--mode=landlock", *PORTS), shared=True),
    "trace+landlock, ports": Mode("te", ("--mode=landlock", *PORTS), shared=True),
}


class Ports(attacks.Case):
    modes = MODES
    rows = tuple(Row(name, attack, modes=tuple(MODES), needs=needs, **more)
                 for name, attack, needs, more in (
                     ("TCP", "tcp ::1 {tcp6}", ("ipv6",), {}),
                     ("TCP, not waiting", "tcp_nonblocking ::1 {tcp6}", ("ipv6",), {}),
                     ("TCP fast open", "tcp_fastopen ::1 {tcp6}", ("ipv6", "fastopen"), {}),
                     ("TCP fast open by connect", "tcp_fastopen_connect ::1 {tcp6}",
                      ("ipv6", "fastopen"), {}),
                     ("MPTCP", "mptcp ::1 {tcp6}", ("ipv6", "mptcp"), {}),
                     ("MPTCP to the allowed port", "mptcp 127.0.0.1 {tcp}", ("mptcp",), {}),
                     ("UDP", "udp 127.0.0.1 {udp}", (), {}),
                     ("UDP, unconnected", "udp_send 127.0.0.1 {udp}", (), {"seen": True}),
                     ("unix socket", "unix {outside}/stream", (), {"seen": True}),
                     ("unix socket that can be seen", "unix {shared}/stream", (), {"seen": True}),
                     ("unix datagram", "unix_dgram {shared}/dgram", (), {"seen": True}),
                     ("unix datagram of a pair", "unix_dgram_pair {shared}/dgram", (), {"seen": True}),
                     ("abstract socket", "abstract {abstract}", (), {"seen": True}),
                     ("netlink, sock_diag", "netlink_diag", (), {}),
                     ("raw socket", "raw", ("root",), {}),
                     ("packet socket", "packet", ("packet",), {}),
                     ("a limit of a process", "prlimit {victim}", (), {}),
                     ("shared memory", "shared_memory {key}", ("sysvipc",), {}),
                     ("flags of a file", "set_flags {shared}/secret", (), {}),
                     ("connect a TCP socket anew", "reconnect_fd 0 ::1 {tcp6}", ("ipv6",),
                      {"stdin": "socket tcp6", "how": "125"}),
                 ))

    def test_the_allowed_port_is_allowed(self):
        for name, mode in self.modes.items():
            with self.subTest(name):
                row = Row("allowed", "tcp 127.0.0.1 {tcp}")
                self.assertTrue(self.attempt(row, self.chain(mode), ()).succeeded)


NETWORK = {
    "strict, network": Mode("e", ("--mode=strict", "--share-net")),
    "strict, network, read grant": Mode("e", ("--mode=strict", "--share-net"), shared=True),
    "landlock, network": Mode("e", ("--mode=landlock", "--share-net"), shared=True),
}


class Network(attacks.Case):
    """The host's abstract sockets are in that network, and so is what netlink tells of."""
    modes = NETWORK
    rows = tuple(Row(name, attack, modes=tuple(NETWORK), needs=needs, seen=name.startswith(("unix", "abstract")))
                 for name, attack, needs in (
                     ("unix socket", "unix {outside}/stream", ()),
                     ("unix socket that can be seen", "unix {shared}/stream", ()),
                     ("unix datagram", "unix_dgram {shared}/dgram", ()),
                     ("unix datagram of a pair", "unix_dgram_pair {shared}/dgram", ()),
                     ("abstract socket", "abstract {abstract}", ()),
                     ("abstract datagram", "abstract_dgram {abstract_dgram}", ()),
                     ("MPTCP", "mptcp 127.0.0.1 {tcp}", ("mptcp",)),
                     ("netlink, sock_diag", "netlink_diag", ()),
                     ("raw socket", "raw", ("root",)),
                     ("packet socket", "packet", ("packet",)),
                     ("vsock", "vsock", ("vsock",)),
                     ("UDP-Lite", "socket 2 2 136", ("udplite",)),
                     ("a limit of a process", "prlimit {victim}", ()),
                     ("shared memory", "shared_memory {key}", ("sysvipc",)),
                     ("flags of a file", "set_flags {shared}/secret", ()),
                 ))

    def test_a_socket_of_that_network_may_be_standard_input(self):
        for name, mode in self.modes.items():
            for kind in ("socket tcp", "socket udp"):
                with self.subTest(f"{name}, {kind}"):
                    row = Row("allowed", "inherited_fd 0", stdin=kind)
                    self.assertTrue(self.attempt(row, self.chain(mode), ()).succeeded)


if __name__ == "__main__":
    attacks.main()
