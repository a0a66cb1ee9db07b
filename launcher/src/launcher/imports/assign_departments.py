"""Assigns imported tickets to the departments that people chose in the older system."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import click

from launcher.client import Gateway, explain

MAX_IN_FLIGHT = 8


def assign_departments(
    gateway: Gateway, departments: Mapping[int, str], done: Callable[[int], None]
) -> Iterator[tuple[int, str]]:
    """Assign tickets to departments in a person's name, in parallel.

    `departments` maps ticket ids to departments. `done` is called with each assigned ticket; failed ones are yielded
    with the reason.
    """

    def assign(item: tuple[int, str]) -> tuple[int, str]:
        ticket, department = item
        try:
            # The key makes a retry after a lost response harmless: it can't override a person's later decision.
            response = gateway.send_with_retry(
                "PUT",
                f"/api/route/{ticket}",
                json={"department": department},
                headers={"Idempotency-Key": f"place-{uuid4()}"},
            )
        except click.ClickException as error:
            return ticket, error.message
        return ticket, "" if response.status_code < 400 else explain(response)

    with ThreadPoolExecutor(MAX_IN_FLIGHT) as pool:
        for ticket, fault in pool.map(assign, departments.items()):
            if fault:
                yield ticket, fault
            else:
                done(ticket)
