"""Put tickets where people put them before: what a company decided in its old system teaches its new one."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import click

from launcher.client import Gateway, explain

IN_FLIGHT = 8


def make_departments(gateway: Gateway, names: Sequence[str]) -> None:
    """Make the departments that aren't there; raises click.ClickException where one can't be."""
    if not names:
        return
    known = {each["name"] for each in gateway.every("/api/departments", "departments")}
    for name in sorted(set(names) - known):
        gateway.post("/api/departments", {"name": name})


def place_tickets(gateway: Gateway, wanted: Mapping[int, str], done: Callable[[], None]) -> list[str]:
    """Route each ticket as a person would; return why some weren't."""

    def place(item: tuple[int, str]) -> str:
        ticket, department = item
        try:
            # With a key, so that a repetition after a lost answer doesn't outrank what a person wished in between.
            response = gateway.send_again(
                "PUT",
                f"/api/route/{ticket}",
                json={"department": department},
                headers={"Idempotency-Key": f"place-{uuid4()}"},
            )
        except click.ClickException as error:
            return f"ticket {ticket}: {error.message}"
        return "" if response.status_code < 400 else f"ticket {ticket}: {explain(response)}"

    faults = []
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        for fault in pool.map(place, wanted.items()):
            done()
            if fault:
                faults.append(fault)
    return faults
