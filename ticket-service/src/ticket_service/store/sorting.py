"""The orders of a ticket list, and the place of a ticket in each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, tuple_

from ticket_service.domain.ticket import Ticket
from ticket_service.store.tables import tickets

Place = tuple[Any, ...]
"""The values of a ticket by which a list is sorted. The next page begins behind the place of the last row."""
NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""The stored due date of tickets without one: they come last."""


@dataclass(frozen=True)
class Sort:
    """An order of tickets. `types` are those of a place's values, `before_all` is the place before every ticket."""

    columns: tuple[ColumnElement[Any], ...]
    types: tuple[type, ...]
    before_all: Place
    place: Callable[[Ticket], Place]
    behind: Callable[[Place], ColumnElement[bool]]
    """Returns the condition for the tickets behind a place."""


def _by_due(ticket: Ticket) -> Place:
    due = (ticket.task or {}).get("due")
    return (NEVER if due is None else datetime.fromisoformat(due)), ticket.id


NEWEST_FIRST = Sort(
    columns=(tickets.c.id.desc(),),
    types=(int,),
    before_all=(2**63 - 1,),
    place=lambda ticket: (ticket.id,),
    behind=lambda place: tickets.c.id < place[0],
)
EARLIEST_DUE_FIRST = Sort(
    columns=(tickets.c.due, tickets.c.id),
    types=(datetime, int),
    before_all=(datetime(1, 1, 1, tzinfo=UTC), 0),
    place=_by_due,
    behind=lambda place: tuple_(tickets.c.due, tickets.c.id) > tuple_(*place),
)
SORTS = {"created": NEWEST_FIRST, "due": EARLIEST_DUE_FIRST}
