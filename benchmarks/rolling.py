"""Does a restart of one of two gateways fail a request? `python -m benchmarks.rolling [RESTARTS]`

The clients balance as a load balancer does: they ask `/ready` four times a second, send to gateways that are ready,
keep their connections, and try nothing twice.
"""

import asyncio
import itertools
import sys
import time
from dataclasses import dataclass, field

import uvloop

from benchmarks import gateways, load
from benchmarks.async_client import Client, connect
from benchmarks.machine import percentile
from benchmarks.report import Row, Table

RESTARTS = 20
CLIENTS = 16
PER_SECOND = 200.0
DRAIN_SECONDS = 3
LOOK_SECONDS = 0.25


@dataclass
class Replica:
    """A gateway as the balancer sees it."""

    program: gateways.Program
    ready: bool = True
    idle: list[Client] = field(default_factory=list)


@dataclass
class Balancer:
    """Sends each request to a gateway that is ready."""

    replicas: list[Replica]
    request: bytes
    took: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    turns: "itertools.count[int]" = field(default_factory=itertools.count)

    async def send(self) -> None:
        """Send one request."""
        ready = [replica for replica in self.replicas if replica.ready]
        if not ready:
            self.failures.append("no gateway is ready")
            return
        replica = ready[next(self.turns) % len(ready)]
        began = time.perf_counter()
        try:
            client = await self._connection(replica)
            head = await client.ask(self.request)
        except (OSError, ConnectionError) as error:
            self.failures.append(f"{type(error).__name__}: {error}")
            return
        self.took.append(time.perf_counter() - began)
        if head[9:12] != b"200":
            self.failures.append(head[9:12].decode())
        if b"connection: close" in head or not replica.ready:
            client.transport.close()
        else:
            replica.idle.append(client)

    async def look(self, replica: Replica) -> None:
        """Ask a gateway again and again whether it is ready."""
        request = load.request(replica.program.url, "GET", "/ready", {"Connection": "close"})
        while True:
            try:
                async with asyncio.timeout(2):
                    client = await connect(replica.program.port)
                    replica.ready = (await client.ask(request))[9:12] == b"200"
            except (OSError, ConnectionError):
                replica.ready = False
            if not replica.ready:
                while replica.idle:
                    replica.idle.pop().transport.close()
            await asyncio.sleep(LOOK_SECONDS)

    async def _connection(self, replica: Replica) -> Client:
        while replica.idle:
            client = replica.idle.pop()
            if not client.transport.is_closing():
                return client
        return await connect(replica.program.port)


def main(restarts: int = RESTARTS) -> Table:
    """Restart two gateways in turns, under load."""
    service = gateways.stub_service()
    with gateways.folder() as one, gateways.folder() as other:
        pair = [gateways.gateway({"": service}, place, DRAIN_SECONDS=str(DRAIN_SECONDS)) for place in (one, other)]
        with gateways.running(service, *pair):
            began = time.monotonic()
            balancer = uvloop.run(_roll(pair, restarts))
            seconds = time.monotonic() - began
    failed, sent = len(balancer.failures), len(balancer.took) + len(balancer.failures)
    table = Table(f"{restarts} restarts of two gateways in turns, {PER_SECOND:.0f} requests/s")
    besides = f"of {sent:,} in {seconds:.0f} s, p99 {1e3 * percentile(balancer.took, 0.99):.1f} ms"
    reasons = f"; {', '.join(sorted(set(balancer.failures)))}" if failed else ""
    table.rows.append(Row("failed requests", f"{failed}", "0", failed == 0, besides + reasons))
    return table


async def _roll(pair: list[gateways.Program], restarts: int) -> Balancer:
    request = load.request(pair[0].url, "GET", "/api/tickets/1", gateways.bearer())
    balancer = Balancer([Replica(program) for program in pair], request)
    looks = [asyncio.create_task(balancer.look(replica)) for replica in balancer.replicas]
    stop = asyncio.Event()
    loads = [asyncio.create_task(_load(balancer, stop)) for _ in range(CLIENTS)]
    for number in range(restarts):
        # A token lives fifteen minutes; this may last longer.
        balancer.request = load.request(pair[0].url, "GET", "/api/tickets/1", gateways.bearer())
        replica = balancer.replicas[number % 2]
        await asyncio.to_thread(replica.program.stop)
        replica.program.start()
        await asyncio.to_thread(replica.program.wait)
        while not replica.ready:
            await asyncio.sleep(LOOK_SECONDS)
    stop.set()
    await asyncio.gather(*loads)
    for look in looks:
        look.cancel()
    return balancer


async def _load(balancer: Balancer, stop: asyncio.Event) -> None:
    pause = CLIENTS / PER_SECOND
    due = time.perf_counter()
    while not stop.is_set():
        await balancer.send()
        due = max(due + pause, time.perf_counter() - pause)
        await asyncio.sleep(max(due - time.perf_counter(), 0))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:])).show()
