"""A proxy in front of PostgreSQL that writes down every message a client sends."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from struct import unpack

from sqlalchemy import make_url


class Wire:
    """What clients have sent, in order."""

    def __init__(self) -> None:
        self.queries: list[tuple[str, str]] = []
        """The protocol's letter for the message ("Q" is a simple query) and its text."""

    def take(self) -> list[tuple[str, str]]:
        """Return what was sent since the last call."""
        taken, self.queries = self.queries, []
        return taken


@contextmanager
def recorded(url: str) -> Iterator[tuple[str, Wire]]:
    """Yield an address that leads to the same database through the proxy, and what goes over it."""
    target = make_url(url)
    wire = Wire()
    listener = socket.create_server(("127.0.0.1", 0))
    sockets = [listener]

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection((target.host, target.port or 5432))
            sockets.extend((client, server))
            threading.Thread(target=upstream, args=(client, server), daemon=True).start()
            threading.Thread(target=copy, args=(server, client), daemon=True).start()

    def copy(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65_536):
                sink.sendall(data)
        except OSError:
            pass
        finally:
            shut(sink)

    def upstream(client: socket.socket, server: socket.socket) -> None:
        try:
            stream = client.makefile("rb")
            head = stream.read(4)  # the startup message alone has no type in front
            server.sendall(head + stream.read(unpack("!I", head)[0] - 4))
            while head := stream.read(5):
                body = stream.read(unpack("!I", head[1:])[0] - 4)
                if head[:1] != b"p":  # a password
                    wire.queries.append((head[:1].decode(), body.rstrip(b"\0").decode()))
                server.sendall(head + body)
        except OSError:
            pass
        finally:
            shut(server)

    def shut(sink: socket.socket) -> None:
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=accept, daemon=True).start()
    through = target.set(host="127.0.0.1", port=listener.getsockname()[1])
    through = through.update_query_dict({"sslmode": "disable", "gssencmode": "disable"})
    try:
        yield through.render_as_string(hide_password=False), wire
    finally:
        for each in sockets:
            shut(each)
            each.close()
