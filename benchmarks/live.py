"""A thousand WebSockets, fifty changes a second: how soon is a change seen, and what does a socket cost?

`python -m benchmarks.live [SOCKETS] [CHANGES_PER_SECOND] [SECONDS]`. Ten sockets follow each ticket. A gateway and a
live process as operators run them, clients in a process of their own; each change is a transaction of its own.
`--storm [CLIENTS]` and `--kills KILLS [CLIENTS]` kill the live process instead (`live_cuts.py`).
"""

import asyncio
import json
import sys
import time
from multiprocessing import get_context
from typing import Any

import psutil
import uvloop
from init_db.testing.databases import service_database
from notification_service.domain.changes import of_ticket
from notification_service.store import live_events
from service_kit.database.engine import Database
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from benchmarks import gateways, live_cuts
from benchmarks.machine import percentile, pss_mb
from benchmarks.report import Row, Table
from tests.stack import admin_url

SOCKETS, ROOM, PER_SECOND, SECONDS = 1_000, 10, 50.0, 20.0
COMPANY = 7
IDLE_SECONDS = 40.0
"""Two rounds of pings."""
PATIENCE_SECONDS = 60.0
CONNECTING = 50
"""So many connect at the same time."""
GOAL_MS, GOAL_MB, GOAL_IDLE = 100.0, 60.0, 0.01
LIMITS = {f"TUNNELS{name}": "20000" for name in ("", "_PER_ADDRESS", "_PER_USER", "_PER_COMPANY")}


class Clients:
    """All sockets, in one event loop."""

    def __init__(self, url: str, headers: dict[str, str], sockets: int) -> None:
        self._url, self._headers, self._sockets = url.replace("http://", "ws://"), headers, sockets
        self.seen: list[tuple[int, float]] = []

    async def run(self, connected: Any, stop: Any) -> None:
        """Connect, set `connected`, and note what comes until `stop` is set."""
        gate = asyncio.Semaphore(CONNECTING)
        sockets = await asyncio.gather(*(self._connect(gate, number) for number in range(self._sockets)))
        connected.set()
        reading = [asyncio.ensure_future(self._read(each)) for each in sockets]
        while not stop.is_set():
            await asyncio.sleep(0.05)
        for task in reading:
            task.cancel()
        await asyncio.gather(*(each.close() for each in sockets), return_exceptions=True)

    async def _connect(self, gate: asyncio.Semaphore, number: int) -> ClientConnection:
        address = f"{self._url}/ws/tickets/{number // ROOM + 1}"
        while True:
            try:
                async with gate:
                    socket = await connect(
                        address, additional_headers=self._headers, compression=None, open_timeout=PATIENCE_SECONDS
                    )
                    await socket.recv()
                    return socket
            except InvalidStatus as error:  # a busy machine: 503 with Retry-After
                await asyncio.sleep(float(error.response.headers.get("Retry-After", 1)))

    async def _read(self, socket: ClientConnection) -> None:
        async for text in socket:
            at = time.monotonic()
            self.seen.append((json.loads(text)["version"], at))


def clients(url: str, headers: dict[str, str], sockets: int, connected: Any, stop: Any, result: Any) -> None:
    """Run the clients, in a process of their own."""
    made = Clients(url, headers, sockets)
    uvloop.run(made.run(connected, stop))
    result.send(made.seen)


def main(sockets: float = SOCKETS, per_second: float = PER_SECOND, seconds: float = SECONDS) -> Table:
    """Connect, rest, store changes, and compare with what the clients saw."""
    service = gateways.stub_service()
    context = get_context("spawn")
    connected, stop = context.Event(), context.Event()
    receiver, sender = context.Pipe(duplex=False)
    with service_database(admin_url(), "notification", "notification_service.migrations") as made:
        live = gateways.live_process(made.url)
        with gateways.folder() as folder:
            gateway = gateways.gateway({"": service}, folder, LIVE_URL=live.url, **LIMITS)
            with gateways.running(service, live, gateway):
                programs = {"gateway": gateway, "live process": live}
                before = {name: _memory(each) for name, each in programs.items()}
                began = time.monotonic()
                arguments = (gateway.url, gateways.bearer(), int(sockets), connected, stop, sender)
                process = context.Process(target=clients, args=arguments, daemon=True)
                process.start()
                assert connected.wait(10 * PATIENCE_SECONDS), "the clients could not connect"
                connecting = time.monotonic() - began
                idle = _cpu_while(programs, IDLE_SECONDS)
                memory = {name: _memory(each) for name, each in programs.items()}
                spent = {name: each.cpu() for name, each in programs.items()}
                stored = _store(made.database, int(sockets) // ROOM, per_second, seconds)
                time.sleep(2)
                spent = {name: each.cpu() - spent[name] for name, each in programs.items()}
                stop.set()
                assert receiver.poll(PATIENCE_SECONDS), "the clients do not end"
                seen: list[tuple[int, float]] = receiver.recv()
                process.join(PATIENCE_SECONDS)
    took = [1e3 * (at - stored[version]) for version, at in seen]
    expected = len(stored) * ROOM
    p50, p99 = percentile(took, 0.5), percentile(took, 0.99)
    grown = {name: memory[name] - before[name] for name in programs}
    table = Table(f"{sockets:.0f} WebSockets in rooms of {ROOM}, {per_second:.0f} changes a second for {seconds:.0f} s")
    table.rows = [
        Row("change stored to seen, p99", f"{p99:.0f} ms", f"≤ {GOAL_MS:.0f} ms", p99 <= GOAL_MS,
            f"p50 {p50:.0f} ms, max {max(took):.0f} ms; the database is asked at most every 40 ms"),
        Row("messages that arrived", f"{len(took) / expected:.2%}", "100 %", len(took) == expected,
            f"{len(took):,} of {expected:,}"),
        Row("CPU of a message", f"{1e3 * sum(spent.values()) / len(took):.3f} ms",
            besides=_each(spent, len(took), 1e3, "ms")),
        Row("memory of a socket", f"{1e3 * sum(grown.values()) / sockets:.0f} kB",
            besides=_each(grown, sockets, 1e3, "kB")),
        Row("memory of both processes for the sockets", f"{sum(grown.values()):.0f} MB", f"≤ {GOAL_MB:.0f} MB",
            sum(grown.values()) <= GOAL_MB),
        Row("CPU of both while nothing happens", f"{idle:.1%} of a core", f"≤ {GOAL_IDLE:.0%}", idle <= GOAL_IDLE,
            f"{IDLE_SECONDS:.0f} s; pings every 20 s"),
        Row("all connected after", f"{connecting:.1f} s", besides=f"{CONNECTING} at a time, by one client process"),
    ]  # fmt: skip
    return table


def _store(database: Database, rooms: int, per_second: float, seconds: float) -> dict[int, float]:
    """Store changes at a steady rate; return by their versions when each was about to be stored."""
    stored: dict[int, float] = {}
    began = time.monotonic()
    for number in range(int(per_second * seconds)):
        time.sleep(max(began + number / per_second - time.monotonic(), 0))
        stored[number] = time.monotonic()
        with database.session(COMPANY) as session, session.begin():
            live_events.add(session, [of_ticket(COMPANY, number % rooms + 1, None, "ticket.updated", number)])
    return stored


def _memory(program: gateways.Program) -> float:
    assert program.process is not None
    parent = psutil.Process(program.process.pid)
    return pss_mb([parent, *parent.children(recursive=True)])


def _cpu_while(programs: dict[str, gateways.Program], seconds: float) -> float:
    before = sum(each.cpu() for each in programs.values())
    time.sleep(seconds)
    return (sum(each.cpu() for each in programs.values()) - before) / seconds


def _each(amounts: dict[str, float], number: float, factor: float, unit: str) -> str:
    return ", ".join(f"{name} {factor * amount / number:.3g} {unit}" for name, amount in amounts.items())


def run(arguments: list[str]) -> Table:
    """Measure what the arguments ask for."""
    if arguments[:1] == ["--storm"]:
        return live_cuts.storm(*map(int, arguments[1:]))
    if arguments[:1] == ["--kills"]:
        return live_cuts.kills(*map(int, arguments[1:]))
    return main(*map(float, arguments))


if __name__ == "__main__":
    run(sys.argv[1:]).show()
