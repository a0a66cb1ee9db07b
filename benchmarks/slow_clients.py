"""Five hundred clients that send and read as slowly as they may: what do the others notice?

`python -m benchmarks.slow_clients [SECONDS]`. A third send a head byte by byte, a third a body, a third ask for 250 kB
and read nothing. Who is cut off comes back at once.
"""

import asyncio
import contextlib
import random
import sys
from collections.abc import Awaitable, Callable
from multiprocessing import get_context
from statistics import median
from typing import Any

import uvloop

from benchmarks import gateways, load
from benchmarks.machine import percentile
from benchmarks.report import Row, Table

CLIENTS = 500
SECONDS = 60.0
PER_SECOND = 150.0
CONNECT_SECONDS = 60
SPREAD_SECONDS = 10.0
"""In which they connect: all at once would be a flood, which is another question."""
GOAL_FACTOR, GOAL_SHARE = 2.0, 0.999
Kind = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class SlowClients:
    """The slow clients, an event loop in a process of its own."""

    def __init__(self, url: str, port: int, connected: Any, stop: Any, cut_off: Any) -> None:
        """Set `connected` once all are; end when `stop` is set; count in `cut_off` those that came back."""
        self._url, self._port = url, port
        self._connected, self._stop, self._cut_off = connected, stop, cut_off
        self._begun = 0

    async def run(self) -> None:
        """Keep all of them connected."""
        kinds = (self._head, self._body, self._reader)
        tasks = [asyncio.create_task(self._again(kinds[number % 3])) for number in range(CLIENTS)]
        while not self._stop.is_set():
            await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _again(self, kind: Kind) -> None:
        await asyncio.sleep(random.uniform(0, SPREAD_SECONDS))
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                self._begun += 1
                if self._begun == CLIENTS:
                    self._connected.set()
                self._cut_off.value = max(self._begun - CLIENTS, 0)
                try:
                    await kind(reader, writer)
                finally:
                    writer.close()

    async def _head(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _drip(b"GET /api/tickets/1 HTTP/1.1\r\nHost: localhost\r\nX-Padding: " + b"x" * 1000, reader, writer)

    async def _body(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = load.request(self._url, "POST", "/api/tickets", gateways.bearer())
        writer.write(head.replace(b"Content-Length: 0", b"Content-Length: 5000"))
        await _drip(b"{" + b" " * 4999, reader, writer)

    async def _reader(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(load.request(self._url, "GET", "/api/tickets/2", gateways.bearer()))
        await asyncio.sleep(20)


async def _drip(data: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for place in range(len(data)):
        writer.write(data[place : place + 1])
        await writer.drain()
        await asyncio.sleep(1)
        if reader.at_eof() or writer.is_closing():
            return


def slow_clients(*arguments: Any) -> None:
    """Run the slow clients, in a process of their own."""
    uvloop.run(SlowClients(*arguments).run())


def main(seconds: float = SECONDS) -> Table:
    """Ask without, with and again without slow clients."""
    service = gateways.stub_service()
    context = get_context("spawn")
    connected, stop, cut_off = context.Event(), context.Event(), context.Value("i", 0)
    with gateways.folder() as folder:
        gateway = gateways.gateway({"": service}, folder)
        with gateways.running(service, gateway):
            _ask(gateway.url, 5)
            before = _ask(gateway.url, seconds / 2)
            arguments = (gateway.url, gateway.port, connected, stop, cut_off)
            slow = context.Process(target=slow_clients, args=arguments, daemon=True)
            slow.start()
            assert connected.wait(CONNECT_SECONDS), "the slow clients could not connect"
            beside = _ask(gateway.url, seconds)
            stop.set()
            slow.join(CONNECT_SECONDS)
            after = _ask(gateway.url, seconds / 2)
    alone = median(percentile(outcome.took, 0.99) for outcome in (before, after))
    factor = percentile(beside.took, 0.99) / alone
    good = beside.statuses.get(200, 0) / sum(beside.statuses.values())
    table = Table(f"{CLIENTS} slow clients for {seconds:.0f} s, others at {PER_SECOND:.0f}/s")
    table.rows = [
        Row("p99 of the others, beside against alone", f"× {factor:.2f}", f"< {GOAL_FACTOR:.0f}", factor < GOAL_FACTOR,
            f"{1e3 * alone:.1f} ms alone ({1e3 * percentile(before.took, 0.99):.1f} before, "
            f"{1e3 * percentile(after.took, 0.99):.1f} after)"),
        Row("good answers of the others", f"{good:.2%}", f"≥ {GOAL_SHARE:.1%}", good >= GOAL_SHARE,
            f"of {len(beside.took):,}; {cut_off.value} slow clients were cut off and came back"),
    ]  # fmt: skip
    return table


def _ask(url: str, seconds: float) -> load.Outcome:
    request = load.request(url, "GET", "/api/tickets/1", gateways.bearer())
    return load.run(url, lambda _: request, clients=64, seconds=seconds, per_second=PER_SECOND)


if __name__ == "__main__":
    main(*map(float, sys.argv[1:])).show()
