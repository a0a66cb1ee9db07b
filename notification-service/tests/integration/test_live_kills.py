"""Fifty clients whose live process is killed: all come back with their cursors, and none misses a change."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from notification_service.domain.changes import of_ticket
from notification_service.settings import Settings
from notification_service.store import live_events
from service_kit.database.engine import Database
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from ..live_client import WAIT_SECONDS, free_port, headers_of

CLIENTS, TICKETS, CHANGES = 50, 5, 30
Process = subprocess.Popen[bytes]


@pytest.fixture
def launch(settings: Settings) -> Iterator[Callable[[int], Process]]:
    """Return a function that starts a live process on a port."""
    started: list[Process] = []
    environment = {
        **os.environ, "SMARTTICKET_ENV": "development", "LOG_LEVEL": "ERROR", "LIVE_POLL_MS": "20",
        "DATABASE_URL": settings.database_url, "RELAY_DATABASE_URL": settings.relay_database_url or "",
    }  # fmt: skip

    def begin(port: int) -> Process:
        command = [sys.executable, "-m", "notification_service.live"]
        started.append(subprocess.Popen(command, env={**environment, "LIVE_PORT": str(port)}))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


class Client:
    """A client that comes back with its cursor until it has seen the last change of its ticket."""

    def __init__(self, port: int, ticket: int) -> None:
        self._address = f"ws://127.0.0.1:{port}/ws/tickets/{ticket}"
        self._cursor = ""
        self.seen: set[int] = set()
        self.connections = 0

    async def follow(self, wanted: set[int]) -> None:
        """Follow until all wanted changes were seen."""
        while not wanted <= self.seen:
            try:
                address = self._address + (f"?cursor={self._cursor}" if self._cursor else "")
                async with connect(address, additional_headers=headers_of(), compression=None) as connection:
                    self.connections += 1
                    while not wanted <= self.seen:
                        self._take(json.loads(await connection.recv()))
            except (OSError, ConnectionClosed, InvalidHandshake):
                await asyncio.sleep(0.05)

    def _take(self, message: dict[str, object]) -> None:
        assert message["type"] != "reset"
        self._cursor = str(message.get("cursor", self._cursor))
        if message["type"] == "ticket_update":
            self.seen.add(int(str(message["version"])))


def test_fifty_clients_come_back_after_a_kill_and_miss_nothing(
    launch: Callable[[int], Process], database: Database
) -> None:
    def store(version: int) -> None:
        with database.session(1) as session, session.begin():
            live_events.add(session, [of_ticket(1, version % TICKETS + 1, None, "ticket.updated", version)])

    async def until(condition: Callable[[], bool]) -> None:
        while not condition():
            await asyncio.sleep(0.02)

    async def scenario() -> None:
        port = free_port()
        process = launch(port)
        clients = [Client(port, number % TICKETS + 1) for number in range(CLIENTS)]
        wanted = [{each for each in range(CHANGES) if each % TICKETS == number % TICKETS} for number in range(CLIENTS)]
        following = [asyncio.ensure_future(each.follow(want)) for each, want in zip(clients, wanted, strict=True)]
        async with asyncio.timeout(WAIT_SECONDS):
            await until(lambda: all(each.connections for each in clients))
            for version in range(CHANGES):
                if version == CHANGES // 3:
                    await until(lambda: any(each.seen for each in clients))
                    process.kill()
                if version == 2 * CHANGES // 3:
                    launch(port)
                await asyncio.to_thread(store, version)
            await asyncio.gather(*following)
        assert all(each.connections >= 2 for each in clients)

    asyncio.run(scenario())
