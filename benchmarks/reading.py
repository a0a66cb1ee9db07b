"""Do lists and the dashboard stay as fast when the tables grow? `python -m benchmarks.reading [SMALL LARGE]`"""

import sys
from statistics import median

from benchmarks import load
from benchmarks.machine import median_ratio, percentile
from benchmarks.report import Row, Table
from benchmarks.stored import ask
from tests.stack import Stack

PATHS = {
    "list by status and department": "/api/tickets?status=pending&department=HR&limit=25",
    "list of a department, a later page": "/api/tickets?department=HR&limit=25&cursor={cursor}",
    "dashboard": "/api/dashboard/summary",
}
GROWTH = 1.2
DASHBOARD_MS = 5

TICKETS = """
    insert into ticket.tickets
        (company_id, uuid, title, description, user_name, user_email, department, confidence_score, need_admin, status)
    select 1, gen_random_uuid(), 'Ticket ' || n, repeat('something is broken ', 10), 'Ann', 'ann@example.test',
           (array['IT Support', 'HR', 'Facilities', 'Finance', 'General'])[1 + n % 5], 70, false,
           (array['pending', 'in_progress', 'on_hold', 'resolved', 'closed'])[1 + (n / 5) % 5]
    from generate_series(1, NUMBER) n
"""
STATES = """
    insert into analytics.ticket_state
        (company_id, ticket_id, created_at, status, department, confidence, need_admin, routed_revision)
    select 1, 1000000 + n, now(), (array['pending', 'in_progress', 'on_hold', 'resolved', 'closed'])[1 + (n / 5) % 5],
           (array['IT Support', 'HR', 'Facilities', 'Finance', 'General'])[1 + n % 5], 7000, false, 1
    from generate_series(1, NUMBER) n
"""


def grow(stack: Stack, number: int) -> None:
    """Fill both tables; the rollups are a few rows whatever is in them."""
    for sql in (TICKETS, STATES):
        ask(stack, sql.replace("NUMBER", str(number)))
    ask(stack, "vacuum analyze ticket.tickets")
    ask(stack, "vacuum analyze analytics.ticket_state")


def quick(stack: Stack, path: str, seconds: float = 1.0) -> float:
    """Return the median milliseconds of a GET through the gateway, one client."""
    outcome = load.run(stack.url, lambda _: load.request(stack.url, "GET", path, {}), clients=1, seconds=seconds)
    assert set(outcome.statuses) == {200}, (path, outcome.statuses)
    return percentile(outcome.took, 0.5) * 1e3


def main(small: int = 10_000, large: int = 200_000, pairs: int = 5) -> Table:
    """Ask a small and a large system in turns, one client, through their gateways."""
    table = Table(f"Reading through the gateway with {small:,} and {large:,} tickets, 1 client, p50")
    with Stack() as few, Stack() as many:
        grow(few, small)
        grow(many, large)
        for name, path in PATHS.items():
            paths = [
                path.format(cursor=stack.get("/api/tickets", department="HR", limit=25)["next"])
                for stack in (few, many)
            ]
            quick(few, paths[0]), quick(many, paths[1])
            taken = [(quick(many, paths[1]), quick(few, paths[0])) for _ in range(pairs)]
            growth, spread = median_ratio(taken)
            slow, fast = (median(each) for each in zip(*taken, strict=True))
            besides = f"{fast:.2f} → {slow:.2f} ms, ratios spread {spread:.2f}"
            table.rows.append(Row(name, f"× {growth:.2f}", f"≤ {GROWTH}", growth <= GROWTH, besides))
            if name == "dashboard":
                table.rows.append(
                    Row(f"{name} at {large:,}", f"{slow:.2f} ms", f"≤ {DASHBOARD_MS} ms", slow <= DASHBOARD_MS)
                )
    return table


if __name__ == "__main__":
    main(*map(int, sys.argv[1:])).show()
