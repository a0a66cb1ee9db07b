"""A way to the broker that can fall silent without closing, as a dead switch or a stopped machine does."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit


class Proxy:
    """Forwards bytes until `silent` is set; what it swallows is lost."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 5672)
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        credentials = parts.netloc.rpartition("@")[0]
        self.url = urlunsplit(parts._replace(netloc=f"{credentials}@127.0.0.1:{port}"))
        self.silent = threading.Event()
        self._stopping = threading.Event()
        self._sockets: list[socket.socket] = [self._listener]
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        """Close everything."""
        self._stopping.set()
        self._thread.join()
        for each in (self._listener, *self._pairs):
            each.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            readable, _, _ = select.select([self._listener, *self._pairs], [], [], 0.05)
            for each in readable:
                if each is self._listener:
                    client, _ = self._listener.accept()
                    server = socket.create_connection(self._target)
                    self._pairs |= {client: server, server: client}
                else:
                    self._forward(each)

    def _forward(self, source: socket.socket) -> None:
        target = self._pairs.get(source)
        data = b""
        with suppress(OSError):
            data = source.recv(65536)
        if target is None or self.silent.is_set():
            if not data:
                self._pairs.pop(source, None)
                source.close()
            return
        with suppress(OSError):
            if data:
                target.sendall(data)
                return
        for each in (source, target):
            self._pairs.pop(each, None)
            each.close()


@contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    """Put a proxy before a broker."""
    proxy = Proxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
