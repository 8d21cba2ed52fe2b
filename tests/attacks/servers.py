"""Servers of the host that no sandboxed program may reach: each counts what it sees."""

import os
import selectors
import socket
import threading

DEADLINE = 60


class Endpoint:
    """A socket that answers every connection or datagram, and counts them."""

    def __init__(self, family, kind, address):
        self.socket = socket.socket(family, kind)
        if family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self.socket.bind(address)
        self.stream = kind == socket.SOCK_STREAM
        if self.stream:
            self.socket.listen(64)
        self.socket.setblocking(False)
        self.address = self.socket.getsockname()
        self.seen = 0
        self.own = 0  # of those, the test's

    def probe(self):
        """Comes last in the queue: when it is answered, all that came before was counted."""
        self.own += 1
        with socket.socket(self.socket.family, self.socket.type) as client:
            client.settimeout(DEADLINE)
            if client.family == socket.AF_UNIX and not self.stream:
                client.bind("")  # a name of its own, to be answered at
            client.connect(self.address)
            client.send(b"GET / HTTP/1.0\r\n\r\n")
            client.recv(1)


class Servers:
    """All endpoints, served by one thread."""

    def __init__(self, endpoints):
        self.endpoints = endpoints  # name: Endpoint
        self.selector = selectors.DefaultSelector()
        self.stop_read, self.stop_write = os.pipe()
        self.selector.register(self.stop_read, selectors.EVENT_READ, None)
        for endpoint in endpoints.values():
            self.selector.register(endpoint.socket, selectors.EVENT_READ, endpoint)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            for key, _ in self.selector.select():
                if key.data is None:
                    return
                try:
                    self.answer(key.data)
                except OSError:
                    pass  # the peer is gone

    @staticmethod
    def answer(endpoint):
        if endpoint.stream:
            client, _ = endpoint.socket.accept()
            endpoint.seen += 1
            with client:
                client.sendall(b"HTTP/1.0 200 OK\r\n\r\nseen")
                client.shutdown(socket.SHUT_WR)
                client.settimeout(1)
                client.recv(4096)  # or the answer could be reset unread
        else:
            _, sender = endpoint.socket.recvfrom(4096)
            endpoint.seen += 1
            if sender:
                endpoint.socket.sendto(b"seen", sender)

    def visits(self):
        """What came since the last call, by name: none of it from us."""
        found = {}
        for name, endpoint in self.endpoints.items():
            endpoint.probe()
            if endpoint.seen != endpoint.own:
                found[name] = endpoint.seen - endpoint.own
                endpoint.own = endpoint.seen
        return found

    def close(self):
        os.write(self.stop_write, b"x")
        self.thread.join()
        self.selector.close()
        os.close(self.stop_read)
        os.close(self.stop_write)
        for endpoint in self.endpoints.values():
            endpoint.socket.close()
