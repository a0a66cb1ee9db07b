"""A client of which thousands cost little: one connection, one request at a time, in an event loop."""

import asyncio
import time
from typing import cast

Answer = tuple[int, float]
"""An answer's status and the seconds that it took."""


class Client(asyncio.Protocol):
    """One connection: sends a request, and tells what came back."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast(asyncio.Transport, transport)

    async def ask(self, request: bytes) -> bytes:
        """Send a request; return the head of its answer, in small letters. Raises ConnectionError, OSError."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer

    async def timed(self, request: bytes) -> Answer:
        """Send a request; return the answer's status and time."""
        began = time.perf_counter()
        head = await self.ask(request)
        return int(head[9:12]), time.perf_counter() - began

    def data_received(self, data: bytes) -> None:
        """Collect the answer."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or self._answer is None:
            return
        head = head.lower()
        if len(body) >= int(header(head, b"content-length")):
            self._received = b""
            self._answer.set_result(head)

    def connection_lost(self, error: Exception | None) -> None:
        """Fail the request that waits."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("the server closed the connection"))


def header(head: bytes, name: bytes) -> bytes:
    """Return a header of an answer's head."""
    return head.partition(b"\r\n" + name + b": ")[2].partition(b"\r\n")[0]


async def connect(port: int) -> Client:
    """Return a connected client."""
    _, client = await asyncio.get_running_loop().create_connection(Client, "127.0.0.1", port)
    return client
