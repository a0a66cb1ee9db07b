"""How fast are stored tickets routed, shown and counted? `python -m benchmarks.drain [NUMBER]`"""

import sys
import time

from benchmarks.create import probe_cpu_ms
from benchmarks.machine import CpuClock
from benchmarks.pipeline import TRIAGE, against_probe
from benchmarks.report import Row, Table
from benchmarks.stored import ask, store
from tests.stack import Stack

GOAL = 1_000
PROBE_CPU = 5
RELEASED = "update ticket.outbox set available_at = now() where published_at is null"
SHOWN = "select count(*) from ticket.inbox where queue = 'ticket-service.show-routing'"
COUNTED = "select count(*) from analytics.inbox where queue = 'analytics-service.count'"
TOOK = """
    select extract(epoch from greatest(
        (select max(done_at) from ticket.inbox), (select max(done_at) from analytics.inbox)
    ) - (select max(available_at) from ticket.outbox))
"""
LEFT = """
    select (select count(*) from ticket.outbox where published_at is null)
         + (select count(*) from ai.outbox where published_at is null)
         + (select count(*) from routing.outbox where published_at is null)
"""


def measure(stack: Stack, number: int) -> tuple[float, dict[str, float], str]:
    """Return tickets per second from release to the last effect, and CPU milliseconds per ticket by process."""
    shown_before, counted_before = ask(stack, SHOWN)[0][0], ask(stack, COUNTED)[0][0]
    # Held back while they are stored, so that every process is warm and idle when it begins.
    ask(stack, "alter table ticket.outbox alter available_at set default now() + interval '1 day'")
    store(stack, number)
    ask(stack, "alter table ticket.outbox alter available_at set default now()")
    # As autovacuum does within a minute: a table that got 20,000 rows this second is nobody's normal case.
    ask(stack, "vacuum analyze")
    time.sleep(1)
    clock = CpuClock(stack)
    began = time.monotonic()
    ask(stack, RELEASED)
    # Seldom, because counting costs the machine too; when it was done the rows themselves tell.
    while ask(stack, SHOWN)[0][0] < shown_before + number or ask(stack, COUNTED)[0][0] < counted_before + 3 * number:
        assert time.monotonic() - began < 300, (ask(stack, SHOWN), ask(stack, COUNTED), ask(stack, LEFT))
        time.sleep(1)
    used, stolen = clock.used(), clock.stolen()
    [(seconds,)] = ask(stack, TOOK)
    return number / float(seconds), {name: spent / number * 1e3 for name, spent in used.items()}, stolen


def main(number: int = 20_000) -> Table:
    """Measure once: it takes a while, and CPU per ticket is what can be compared."""
    table = Table(f"Draining {number:,} stored tickets on RabbitMQ: routed, shown and counted")
    probe_ms = probe_cpu_ms()
    with Stack() as stack:
        store(stack, 200)
        time.sleep(3)
        rate, cpu, stolen = measure(stack, number)
    table.rows.append(Row("rate", f"{rate:,.0f} tickets/s", f"≥ {GOAL:,}", rate >= GOAL, stolen))
    table.rows.append(
        against_probe("CPU per ticket, everything, against pgbench", sum(cpu.values()), probe_ms, PROBE_CPU)
    )
    with Stack(services=TRIAGE) as stack:
        store(stack, 200)
        time.sleep(3)
        _, alone, _ = measure(stack, number)
    what = "CPU per ticket, triage and counts alone, against pgbench"
    table.rows.append(against_probe(what, sum(alone.values()), probe_ms, PROBE_CPU))
    for name, milliseconds in sorted(cpu.items(), key=lambda item: -item[1]):
        table.rows.append(Row(f"CPU per ticket, {name}", f"{milliseconds:.3f} ms"))
    return table


if __name__ == "__main__":
    main(*map(int, sys.argv[1:])).show()
