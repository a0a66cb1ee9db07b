"""The departments that people chose: found whatever their case, made where they are missing, refused one by one."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import click

from launcher.client import Gateway, explain

IN_FLIGHT = 8
NOT_ALLOWED = (401, 403)
SHOWN = 60


class Departments:
    """Says which department of the company a name of the file means."""

    def __init__(self, gateway: Gateway, names: Sequence[str]) -> None:
        """Make what is missing, the commonest first, for a company may have so many only."""
        self._names: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        if not any(names):
            return
        for each in gateway.every("/api/departments", "departments"):
            key = _folded(each["name"])
            self._names[key] = each["name"]
            if not each.get("is_active", True):
                self._refused[key] = f"department {each['name']} takes no tickets at present"
        counted = Counter(_folded(name) for name in names if name)
        spelt = {_folded(name): " ".join(name.split()) for name in reversed(names) if name}
        for key, _ in counted.most_common():
            if key not in self._names:
                self._make(gateway, key, spelt[key])

    def find(self, name: str) -> str:
        """Return the department's name as the company has it. Raises ValueError with the reason where it has none."""
        key = _folded(name)
        if key in self._refused:
            raise ValueError(self._refused[key])
        return self._names[key]

    def _make(self, gateway: Gateway, key: str, name: str) -> None:
        response = gateway.send_again("POST", "/api/departments", json={"name": name})
        if response.status_code in NOT_ALLOWED:
            raise click.ClickException(f"department {name} can't be made: {explain(response)}")
        if response.status_code < 400:
            self._names[key] = name
            return
        # Somebody else may have made it meanwhile.
        found = gateway.every("/api/departments", "departments")
        self._names |= {_folded(each["name"]): each["name"] for each in found}
        if key not in self._names:
            self._refused[key] = f"department {name[:SHOWN]!r} can't be made: {explain(response)}"


def place_tickets(
    gateway: Gateway, wanted: Mapping[int, str], done: Callable[[int], None]
) -> Iterator[tuple[int, str]]:
    """Route tickets as a person would, and call `done` with each; yield those that could not be, with the reason."""

    def place(item: tuple[int, str]) -> tuple[int, str]:
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
            return ticket, error.message
        return ticket, "" if response.status_code < 400 else explain(response)

    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        for ticket, fault in pool.map(place, wanted.items()):
            if fault:
                yield ticket, fault
            else:
                done(ticket)


def _folded(name: str) -> str:
    """Return a name without case, width and spacing: what is the same but for these is one department."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
