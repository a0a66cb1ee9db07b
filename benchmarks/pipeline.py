"""Does the whole road keep up, and how long does a ticket take on it? `python -m benchmarks.pipeline`"""

import time
from dataclasses import replace

import orjson

from benchmarks import load
from benchmarks.bare_road import bare_road
from benchmarks.create import probe_cpu_ms, requests_to
from benchmarks.machine import CpuClock, median_ratio, percentile
from benchmarks.report import Row, Table
from benchmarks.stored import ask, posted
from tests.stack import SERVICES, Stack

OFFERED_PER_SECOND, STEADY_PER_SECOND = 315, 300
BARE_P50, BARE_P99, PROBE_CPU = 4, 10, 8
TRIAGE = ("ticket-service", "ai-service", "routing-service", "analytics-service", "auth-service", "api-gateway")
"""The services that the goals were set for; tasks, notifications and knowledge came to the road later."""
SHOWN = "select ticket_id, extract(epoch from created_at)::float from ticket.ticket_events where event_type = 'routed'"
BACKLOG = "select count(*) from ticket.tickets where department is null"


def keeps_up(stack: Stack, seconds: float) -> list[Row]:
    """Create a little over 300 tickets a second through the gateway and watch the backlog."""
    make = requests_to(stack, "api-gateway")
    load.run(stack.url, make, clients=16, seconds=2, per_second=OFFERED_PER_SECOND)
    time.sleep(2)
    clock, backlogs, created, late = CpuClock(stack), [], 0, 0.0
    for _ in range(4):
        outcome = load.run(stack.url, make, clients=32, seconds=seconds / 4, per_second=OFFERED_PER_SECOND)
        assert set(outcome.statuses) == {201}, outcome.statuses
        backlogs.append(ask(stack, BACKLOG)[0][0])
        created += len(outcome.took)
        late += outcome.seconds
    rate = created / late
    wait_until_routed(stack)
    grows = backlogs[-1] > max(backlogs[0], STEADY_PER_SECOND)
    return [
        Row(
            "through the gateway, the pipeline keeping up",
            f"{rate:.0f} tickets/s",
            f"≥ {STEADY_PER_SECOND}",
            rate >= STEADY_PER_SECOND and not grows,
            f"{OFFERED_PER_SECOND}/s offered; unrouted after each quarter: {backlogs}",
        ),
        cpu_row("CPU per ticket at that rate, all our processes", clock, created),
    ]


def at_full_speed(stack: Stack, seconds: float, probe_ms: float) -> list[Row]:
    """Create through the gateway as fast as 32 clients can, all workers running, and wait until all is routed.

    `probe_ms` is the CPU time that pgbench and its server spend per ticket.
    """
    make = requests_to(stack, "api-gateway")
    load.run(stack.url, make, clients=32, seconds=2)
    wait_until_routed(stack)
    clock = CpuClock(stack)
    outcome = load.run(stack.url, make, clients=32, seconds=seconds)
    assert set(outcome.statuses) == {201}, outcome.statuses
    [(left,)] = ask(stack, BACKLOG)
    wait_until_routed(stack)
    everything = sum(clock.used().values()) / len(outcome.took) * 1e3
    row = cpu_row("CPU per ticket at full speed, all our processes", clock, len(outcome.took), most=3.0)
    told = f"{outcome.rate:.0f}/s with the whole pipeline running, {left} unrouted at the end; {row.besides}"
    return [
        Row(row.what, row.value, row.goal, row.met, told),
        against_probe("CPU per ticket at full speed, everything, against pgbench", everything, probe_ms, PROBE_CPU),
    ]


def against_probe(what: str, everything: float, probe_ms: float, most: float) -> Row:
    """Compare the CPU time of services, PostgreSQL and RabbitMQ with that of pgbench and its server."""
    ratio = everything / probe_ms
    told = f"{everything:.2f} ms with PostgreSQL and RabbitMQ; pgbench and its server {probe_ms:.3f} ms per ticket"
    return Row(what, f"× {ratio:.1f}", f"≤ × {most}", ratio <= most, told)


def wait_until_routed(stack: Stack) -> None:
    """Wait until no ticket is without a department."""
    while ask(stack, BACKLOG)[0][0]:
        time.sleep(0.1)


def cpu_row(what: str, clock: CpuClock, tickets: int, most: float | None = None) -> Row:
    """Tell the CPU time per ticket since the clock was made."""
    spent = {name: used / tickets * 1e3 for name, used in clock.used().items()}
    ours = sum(spent.get(name, 0.0) for name in SERVICES)
    besides = ", ".join(f"{name} {used:.2f}" for name, used in spent.items()) + f"; {clock.stolen()}"
    if most is None:
        return Row(what, f"{ours:.2f} ms", besides=besides)
    return Row(what, f"{ours:.2f} ms", f"≤ {most:.0f} ms", ours <= most, besides)


def latency(stack: Stack, count: int, goals: tuple[float, float]) -> list[Row]:
    """POST 20 tickets a second: when is the department stored with the ticket, and when does the client know?"""
    post(stack, 60)
    clock = CpuClock(stack)
    stored, took, unrouted = post(stack, count)
    stolen, spent = clock.stolen(), sum(clock.used().values()) / count * 1e3
    rows = []
    for share, goal in zip((0.5, 0.99), goals, strict=True):
        value, told = percentile(stored, share) * 1e3, percentile(took, share) * 1e3
        rows.append(
            Row(
                f"POST → department set, 20/s, p{share * 100:.0f} ({stack.bus})",
                f"{value:.1f} ms",
                f"≤ {goal:.0f} ms",
                value <= goal,
                f"up to the last statement before the commit; the client's answer has it after {told:.1f} ms "
                f"({len(stored)} tickets, {unrouted} answers without); {stolen}",
            )
        )
    idle = "PostgreSQL, RabbitMQ and whatever rests included"
    return [*rows, Row(f"CPU per ticket at 20/s ({stack.bus})", f"{spent:.0f} ms", besides=idle)]


def post(stack: Stack, count: int) -> tuple[list[float], list[float], int]:
    """POST 20 tickets a second; return the seconds to each department and to each answer, and answers without one."""

    def make(number: int) -> bytes:
        return load.request(stack.url, "POST", "/api/tickets", {"Prefer": "wait=5"}, posted(number))

    outcome = load.run(stack.url, make, clients=8, seconds=count / 20, per_second=20, keep=True)
    unrouted = sum(b'"department":null' in body for body in outcome.bodies)
    shown = dict(ask(stack, SHOWN))
    stored = [shown[orjson.loads(body)["id"]] - sent for body, sent in zip(outcome.bodies, outcome.sent, strict=True)]
    return stored, outcome.took, unrouted


def beside_a_bare_road(stack: Stack, turns: int = 5, count: int = 60) -> list[Row]:
    """Hold the time to the department against the median of the probe, in turns."""
    pairs, slowest = [], []
    with bare_road(stack) as probe:
        probe.latencies(count, 20)
        for _ in range(turns):
            bare = percentile(probe.latencies(count, 20), 0.5)
            stored = post(stack, count)[0]
            pairs.append((percentile(stored, 0.5), bare))
            slowest += [each / bare for each in stored]
    ratio, spread = median_ratio(pairs)
    told = ", ".join(f"{ours * 1e3:.1f} against {bare * 1e3:.1f} ms" for ours, bare in pairs)
    besides = f"gateway, checks and three stages against an insert and two: {told}; ratios spread {spread:.2f}"
    p99, what = percentile(slowest, 0.99), "POST → department set, 20/s"
    return [
        Row(f"{what}, p50, against a bare road", f"× {ratio:.1f}", f"≤ × {BARE_P50}", ratio <= BARE_P50, besides),
        Row(f"{what}, p99, against the bare road's p50", f"× {p99:.1f}", f"≤ × {BARE_P99}", p99 <= BARE_P99),
    ]


def main(seconds: float = 20, count: int = 300) -> Table:
    """Measure both on RabbitMQ."""
    table = Table("The whole road on RabbitMQ")
    probe_ms = probe_cpu_ms()
    with Stack(settings={"HTTP_WORKERS": "2"}) as stack:
        table.rows += latency(stack, count, (15, 50))
        table.rows += beside_a_bare_road(stack)
        table.rows += keeps_up(stack, seconds)
        table.rows += at_full_speed(stack, seconds / 2, probe_ms)
    with Stack(settings={"HTTP_WORKERS": "2"}, services=TRIAGE) as stack:
        further = [*beside_a_bare_road(stack), *at_full_speed(stack, seconds / 2, probe_ms)]
    table.rows += [replace(row, what=f"triage and counts alone: {row.what}") for row in further]
    return table


if __name__ == "__main__":
    main().show()
