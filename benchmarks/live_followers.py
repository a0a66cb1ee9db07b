"""Clients of real time that come back with their cursors after every cut, and what each of them saw."""

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import uvloop
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

RETURN_SECONDS = 5.0
"""Clients come back within this time after a cut, each at a random moment, as docs/real-time.md asks of them."""
PATIENCE_SECONDS = 60.0


class Refused(Exception):
    """The address was answered by an error; `pause` is its Retry-After in seconds."""

    def __init__(self, pause: float) -> None:
        super().__init__()
        self.pause = pause


@dataclass
class Seen:
    """What one client saw. Times are those of the machine's monotonic clock."""

    room: int | None
    """The number of its ticket; None for a stream of all changes."""
    versions: set[int] = field(default_factory=set)
    resets: list[float] = field(default_factory=list)
    refused: int = 0
    cuts: list[float] = field(default_factory=list)
    returns: list[float] = field(default_factory=list)
    """When it was connected, for the first time and after each cut."""
    cursor: str = ""
    is_connected: bool = False

    def take(self, kind: str, content: Any) -> None:
        """Note a message."""
        self.cursor = content.get("cursor", self.cursor)
        if kind == "reset":
            self.resets.append(time.monotonic())
        elif kind == "ticket_update":
            self.versions.add(content["version"])

    def connected(self) -> None:
        """Note that the connection stands."""
        self.is_connected = True
        self.returns.append(time.monotonic())


class Followers:
    """All clients, in one event loop: of each eleven, ten WebSockets of one ticket and a stream of everything."""

    def __init__(self, url: str, headers: dict[str, str], clients: int) -> None:
        self._url, self._headers = url, headers
        self.all = [Seen(None if number % 11 == 10 else number // 11 + 1) for number in range(clients)]

    async def run(self, connected: Any, stop: Any) -> None:
        """Follow; `connected` holds the number of clients that are connected, until `stop` is set."""
        tasks = [asyncio.ensure_future(self._follow(each)) for each in self.all]
        while not stop.is_set():
            connected.value = sum(each.is_connected for each in self.all)
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, seen: Seen) -> None:
        while True:
            pause = random.uniform(0, RETURN_SECONDS)
            try:
                await (self._stream(seen) if seen.room is None else self._socket(seen))
            except Refused as refused:
                seen.refused += 1
                pause = refused.pause * random.uniform(1, 2)
            except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError, EOFError):
                pass
            if seen.is_connected:
                seen.is_connected = False
                seen.cuts.append(time.monotonic())
            await asyncio.sleep(pause)

    async def _socket(self, seen: Seen) -> None:
        address = f"{self._url.replace('http://', 'ws://')}/ws/tickets/{seen.room}"
        address += f"?cursor={seen.cursor}" if seen.cursor else ""
        options: dict[str, Any] = {"additional_headers": self._headers, "compression": None, "ping_interval": None}
        try:
            socket = await connect(address, open_timeout=PATIENCE_SECONDS, **options)
        except InvalidStatus as error:
            raise Refused(float(error.response.headers.get("Retry-After", 1))) from error
        try:
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "connection_established":
                    seen.connected()
                seen.take(message["type"], message)
        finally:
            socket.transport.abort()

    async def _stream(self, seen: Seen) -> None:
        parts = urlsplit(self._url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            headers = self._headers | {"Host": parts.netloc} | ({"Last-Event-ID": seen.cursor} if seen.cursor else {})
            lines = ["GET /api/changes HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            if head.split()[1] != "200":
                raise Refused(float((head.partition("retry-after: ")[2].split() or ["1"])[0]))
            seen.connected()
            kind = ""
            async for raw in reader:
                name, _, value = raw.decode().strip().partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    self._take_event(seen, kind, json.loads(value))
                elif name == "id":
                    seen.cursor = value
        finally:
            writer.transport.abort()

    @staticmethod
    def _take_event(seen: Seen, kind: str, content: dict[str, Any]) -> None:
        # A client that resumes keeps its last `id`: what it missed comes after the greeting's cursor.
        if seen.cursor:
            content.pop("cursor", None)
        seen.take(kind, content)


def follow(url: str, headers: dict[str, str], clients: int, connected: Any, stop: Any, result: Any) -> None:
    """Run the clients, in a process of their own, and send what they saw."""
    followers = Followers(url, headers, clients)
    uvloop.run(followers.run(connected, stop))
    result.send(followers.all)
