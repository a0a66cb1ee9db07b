"""A proxy in front of PostgreSQL that records every message of its clients."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from struct import unpack

from sqlalchemy import make_url


class Wire:
    """The recorded messages, in order."""

    def __init__(self) -> None:
        self.queries: list[tuple[str, str]] = []
        """The protocol's message type ("Q" is a simple query) and the text of each message."""

    def take(self) -> list[tuple[str, str]]:
        """Return the messages since the last call."""
        taken, self.queries = self.queries, []
        return taken


@contextmanager
def recorded(url: str) -> Iterator[tuple[str, Wire]]:
    """Yield the proxy's address of the same database, and the recorded messages."""
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
            shut_down(sink)

    def upstream(client: socket.socket, server: socket.socket) -> None:
        try:
            stream = client.makefile("rb")
            head = stream.read(4)  # only the startup message has no type
            server.sendall(head + stream.read(unpack("!I", head)[0] - 4))
            while head := stream.read(5):
                body = stream.read(unpack("!I", head[1:])[0] - 4)
                if head[:1] != b"p":  # a password
                    wire.queries.append((head[:1].decode(), body.rstrip(b"\0").decode()))
                server.sendall(head + body)
        except OSError:
            pass
        finally:
            shut_down(server)

    def shut_down(sink: socket.socket) -> None:
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=accept, daemon=True).start()
    proxied = target.set(host="127.0.0.1", port=listener.getsockname()[1])
    proxied = proxied.update_query_dict({"sslmode": "disable", "gssencmode": "disable"})
    try:
        yield proxied.render_as_string(hide_password=False), wire
    finally:
        for opened in sockets:
            shut_down(opened)
            opened.close()
