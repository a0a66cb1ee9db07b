"""Waits until imported tickets are routed and counted, and compares both with the dashboard."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from launcher.client import Gateway
from launcher.imports.sending import MAX_IN_FLIGHT

BATCH_TICKETS = 200


def wait_routed(gateway: Gateway, ids: Sequence[int], deadline: float, show: Callable[[int], object]) -> dict[int, str]:
    """Poll tickets until all have a department or the deadline passes; return department by ticket id."""
    departments: dict[int, str] = {}
    waiting = list(ids)
    while waiting and time.monotonic() < deadline:
        with ThreadPoolExecutor(MAX_IN_FLIGHT) as pool:
            tickets = list(
                pool.map(lambda number: gateway.get_with_retry(f"/api/tickets/{number}"), waiting[:BATCH_TICKETS])
            )
        departments |= {ticket["id"]: ticket["department"] for ticket in tickets if ticket["department"]}
        waiting = [number for number in waiting if number not in departments]
        show(len(departments))
        if not any(ticket["department"] for ticket in tickets):
            time.sleep(0.1)
    return departments


def wait_counted(gateway: Gateway, total: int, deadline: float) -> dict[str, Any]:
    """Poll the dashboard until it counts `total` tickets, all routed, or the deadline passes; return the summary."""
    while True:
        summary: dict[str, Any] = gateway.get_with_retry("/api/dashboard/summary")
        counted = summary["total_tickets"] >= total and summary["unrouted"] == 0
        if counted or time.monotonic() > deadline:
            return summary
        time.sleep(0.05)


def disagreements(before: dict[str, Any], after: dict[str, Any], sent: Counter[str]) -> list[str]:
    """Compare departments of sent tickets with the dashboard's counts; other clients can only increase these."""
    faults = []
    for name, count in sent.items():
        counted = after["by_department"].get(name, 0) - before["by_department"].get(name, 0)
        if counted < count:
            faults.append(f"{name}: {count} tickets say so, the dashboard counted {counted}")
    routed = sum(after["by_department"].values()) + after["unrouted"]
    if not sum(after["by_status"].values()) == routed == after["total_tickets"]:
        faults.append(f"the dashboard's sums differ: {after}")
    return faults
