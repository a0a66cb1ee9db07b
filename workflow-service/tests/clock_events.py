"""Events about ticket 7 that its clocks follow, and what is stored of them."""

from datetime import datetime
from typing import Any

from eventbus.wire import rfc3339

from .conftest import Desk, Rows

TARGETS = {"urgent_sla": "PT1H", "high_sla": "PT8H", "medium_sla": "PT24H", "low_sla": "PT40H"}
RESPONSES = {"urgent_response_sla": "PT10M", "high_response_sla": "PT1H", "medium_response_sla": "PT2H",
             "low_response_sla": "PT4H"}  # fmt: skip
ROUTED = {"department": "IT Support", "category": "IT Support", "priority": "high", "team_id": None, "team": None}


def now_of(rows: Rows) -> datetime:
    """Return the time at which the only task began."""
    ((found,),) = rows("select created_at from tasks")
    assert isinstance(found, datetime)
    return found


def clocks(rows: Rows, kind: str) -> list[tuple[Any, ...]]:
    return rows(
        "select state, due_at, ended_at, next_at is not null from clocks where kind = %s order by opened_at", kind
    )


def breaches(rows: Rows) -> list[tuple[Any, ...]]:
    return rows(
        "select kind, due_at, breached_at, reason, retracted_at is not null from breaches order by kind, due_at"
    )


def status(desk: Desk, at: datetime, name: str, *, revision: int = 2) -> None:
    """Deliver a new status of ticket 7."""
    body = {"ticket_id": 7, "status": name, "updated_at": rfc3339(at)}
    desk.deliver(desk.make("ticket.status.updated", "7", revision=revision, source="ticket-service", **body))


def priority(desk: Desk, at: datetime, name: str, *, revision: int = 2, given: bool = True) -> None:
    """Deliver a person's priority of ticket 7."""
    body = {"ticket_id": 7, "priority": name, "priority_given": given, "updated_at": rfc3339(at)}
    desk.deliver(desk.make("ticket.updated", "7", revision=revision, source="ticket-service", **body))


def comment(desk: Desk, at: datetime, author: str, *, revision: int = 1, internal: bool = False) -> None:
    """Deliver a comment to ticket 7."""
    body = {"ticket_id": 7, "author_kind": author, "internal": internal, "sent_at": rfc3339(at)}
    desk.deliver(desk.make("ticket.commented", "7", revision=revision, source="ticket-service", **body))
