"""Five times as much as can be done: how much is still done? `python -m benchmarks.overload`

Once the service is the limit (it answers 500/s) and 2,500 requests a second are sent whatever becomes of the others.
Once the gateway is the limit, and five times as many clients ask as it takes to keep it busy; who gets 503 comes back
after `Retry-After`.
"""

import asyncio
import time
from dataclasses import dataclass, field
from statistics import median

import uvloop

from benchmarks import gateways, load
from benchmarks.async_client import Client, connect, header
from benchmarks.machine import median_ratio, percentile
from benchmarks.report import Row, Table

PAIRS = 3
SECONDS = 6.0
SLOTS = 10
SERVICE_SECONDS = 0.02
FACTOR = 5
BUSY_CLIENTS = 64
GOAL = 0.9


@dataclass
class Answers:
    """What clients got: the times of the good answers, and how many there were by status."""

    took: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def goodput(self) -> float:
        """Good answers per second."""
        return len(self.took) / self.seconds


def main(pairs: int = PAIRS) -> Table:
    """Measure peak and overload in turns."""
    table = Table(f"{FACTOR} times the load that can be served, {pairs} turns of {SECONDS:.0f} s")
    with gateways.folder() as folder:
        service = gateways.stub_service(STUB_SLOTS=str(SLOTS), STUB_SECONDS=str(SERVICE_SECONDS))
        fast = gateways.stub_service()
        gateway = gateways.gateway({"analytics-service": service, "": fast}, folder)
        with gateways.running(service, fast, gateway):
            offered = FACTOR * SLOTS / SERVICE_SECONDS
            slow_request = load.request(gateway.url, "GET", "/api/dashboard/summary", gateways.bearer())
            turns = []
            for _ in range(pairs):
                peak = load.run(gateway.url, lambda _: slow_request, clients=2 * SLOTS, seconds=SECONDS)
                assert set(peak.statuses) == {200}, peak.statuses
                turns.append((_good(peak), uvloop.run(_open_loop(gateway.port, slow_request, offered))))
                time.sleep(1)
            table.rows += _rows(f"the service is full, {offered:,.0f}/s offered", turns)
            request = load.request(gateway.url, "GET", "/api/tickets/1", gateways.bearer())
            uvloop.run(_closed_loop(gateway.port, request, BUSY_CLIENTS))
            turns = []
            for _ in range(pairs):
                busy = uvloop.run(_closed_loop(gateway.port, request, BUSY_CLIENTS))
                turns.append((busy, uvloop.run(_closed_loop(gateway.port, request, FACTOR * BUSY_CLIENTS))))
                time.sleep(1)
            table.rows += _rows(f"the gateway is full, {FACTOR * BUSY_CLIENTS} clients for {BUSY_CLIENTS}", turns)
    return table


def _good(outcome: load.Outcome) -> Answers:
    return Answers(outcome.took, outcome.statuses, outcome.seconds)


def _rows(case: str, turns: list[tuple[Answers, Answers]]) -> list[Row]:
    share, spread = median_ratio((over.goodput, peak.goodput) for peak, over in turns)
    statuses: dict[int, int] = {}
    for _, over in turns:
        for status, count in over.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    p99 = [[percentile(each.took, 0.99) for each in turn] for turn in turns]
    slower = median(over / peak for peak, over in p99)
    return [
        Row(f"good answers, of the peak: {case}", f"{share:.0%}", f"≥ {GOAL:.0%}", share >= GOAL,
            f"peak {median(peak.goodput for peak, _ in turns):.0f}/s, ratios spread {spread:.2f}, answers {statuses}"),
        Row(f"p99 of the good ones: {case}", f"× {slower:.1f}",
            besides=f"{1e3 * median(peak for peak, _ in p99):.0f} ms at the peak"),
    ]  # fmt: skip


def _count(answers: Answers, status: int, seconds: float) -> None:
    answers.statuses[status] = answers.statuses.get(status, 0) + 1
    if status == 200:
        answers.took.append(seconds)


async def _open_loop(port: int, request: bytes, per_second: float) -> Answers:
    """Send requests at a rate, however many are unanswered."""
    answers, idle, tasks = Answers(), list[Client](), set[asyncio.Task[None]]()

    async def one() -> None:
        client = idle.pop() if idle else await connect(port)
        _count(answers, *await client.timed(request))
        idle.append(client)

    began = time.perf_counter()
    sent = 0
    while (now := time.perf_counter() - began) < SECONDS:
        while sent < now * per_second:
            task = asyncio.create_task(one())
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            sent += 1
        await asyncio.sleep(0.002)
    await asyncio.gather(*tasks)
    answers.seconds = time.perf_counter() - began
    for client in idle:
        client.transport.close()
    return answers


async def _closed_loop(port: int, request: bytes, clients: int) -> Answers:
    """Let clients ask one request after the other; a refused one pauses as long as Retry-After says."""
    answers = Answers()
    end = time.perf_counter() + SECONDS

    async def one() -> None:
        client = await connect(port)
        while (began := time.perf_counter()) < end:
            head = await client.ask(request)
            _count(answers, int(head[9:12]), time.perf_counter() - began)
            if head[9:12] == b"503":
                pause = float(header(head, b"retry-after"))
                await asyncio.sleep(min(pause, max(end - time.perf_counter(), 0)))
        client.transport.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(clients)))
    answers.seconds = time.perf_counter() - began
    return answers


if __name__ == "__main__":
    main().show()
