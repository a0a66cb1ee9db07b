"""One service hangs: when do its callers get 504, and what do the others notice? `python -m benchmarks.hung`

Sixty clients ask the hung service again and again, more than its share of the threads. Its breaker stays closed, or it
would soon spare everybody the wait.
"""

import asyncio
import time
from statistics import median
from typing import NamedTuple

import uvloop

from benchmarks import gateways, load
from benchmarks.async_client import Answer, connect
from benchmarks.machine import median_ratio, percentile
from benchmarks.report import Row, Table

PAIRS = 6
SECONDS = 8.0
PER_SECOND = 150.0
STUCK = 60
GOAL_SECONDS = 10.2


class Measured(NamedTuple):
    """Seconds that answers took, and CPU seconds of the gateway meanwhile."""

    p50: float
    p99: float
    cpu: float


def main(pairs: int = PAIRS) -> Table:
    """Ask a healthy service without and with clients of a hung one, in turns."""
    hung, fine = gateways.stub_service(STUB_HANGS="yes"), gateways.stub_service()
    turns, waited, statuses = list[tuple[Measured, Measured]](), list[float](), dict[int, int]()
    with gateways.folder() as folder:
        gateway = gateways.gateway(
            {"ticket-service": hung, "": fine}, folder, UPSTREAM_BREAKER_FAILURES="1000",
            UPSTREAM_BREAKER_CALLS="1000000",
        )  # fmt: skip
        with gateways.running(hung, fine, gateway), gateways.other_process() as others:
            _measure(gateway)
            for _ in range(pairs):
                alone = _measure(gateway)
                clients = others.submit(ask_hung, gateway.url, gateway.port, SECONDS + 1)
                time.sleep(1)  # so that the share of the hung service is taken when the measurement begins
                beside = _measure(gateway)
                for status, seconds in clients.result():
                    statuses[status] = statuses.get(status, 0) + 1
                    if status == 504:
                        waited.append(seconds)
                turns.append((beside, alone))
    table = Table(f"A hung service: {STUCK} clients ask it; other routes at {PER_SECOND:.0f}/s, {pairs} turns")
    longest, p99 = max(waited), [beside.p99 / alone.p99 for beside, alone in turns]
    alone_ms = 1e3 * median(alone.p99 for _, alone in turns)
    p50, _ = median_ratio((beside.p50, alone.p50) for beside, alone in turns)
    cpu, _ = median_ratio((beside.cpu, alone.cpu) for beside, alone in turns)
    table.rows = [
        Row("504 after at most", f"{longest:.2f} s", f"≤ {GOAL_SECONDS} s", longest <= GOAL_SECONDS,
            f"of {len(waited)}; answers {statuses}"),
        Row("p99 of the other routes, beside against alone", f"× {median(p99):.2f}", "< 1.2", median(p99) < 1.2,
            f"{alone_ms:.1f} ms alone; turns {', '.join(f'{ratio:.2f}' for ratio in sorted(p99))}"),
        Row("p50 of the other routes, beside against alone", f"× {p50:.2f}"),
        Row("CPU of the gateway, beside against alone", f"× {cpu:.2f}",
            besides="the requests of the hung service's clients among it"),
    ]  # fmt: skip
    return table


def _measure(gateway: gateways.Program) -> Measured:
    """Ask the healthy service for a while."""
    request = load.request(gateway.url, "GET", "/api/dashboard/summary", gateways.bearer())
    before = gateway.cpu()
    outcome = load.run(gateway.url, lambda _: request, clients=64, seconds=SECONDS, per_second=PER_SECOND)
    assert set(outcome.statuses) == {200}, outcome.statuses
    cpu = gateway.cpu() - before
    return Measured(percentile(outcome.took, 0.5), percentile(outcome.took, 0.99), cpu)


def ask_hung(url: str, port: int, seconds: float) -> list[Answer]:
    """Let the clients of the hung service ask for a while, in a process of their own; return their answers."""
    request = load.request(url, "GET", "/api/tickets/1", gateways.bearer())
    end = time.perf_counter() + seconds

    async def one() -> list[Answer]:
        client, answers = await connect(port), list[Answer]()
        while time.perf_counter() < end:
            answers.append(await client.timed(request))
            await asyncio.sleep(1)
        client.transport.close()
        return answers

    async def everybody() -> list[Answer]:
        return [answer for answers in await asyncio.gather(*(one() for _ in range(STUCK))) for answer in answers]

    return uvloop.run(everybody())


if __name__ == "__main__":
    main().show()
