"""A ticket as this service knows it from events. Every function takes a state and returns the next one."""

from datetime import datetime
from typing import NamedTuple

from workflow_service.domain.workflow import Scope


class TicketNotFound(Exception):
    """The company has no such ticket, or nothing is known about it here yet."""


class NoTask(Exception):
    """The ticket is known and has no task: no workflow takes it, or it isn't routed yet."""

    def __init__(self, ticket_id: int) -> None:
        super().__init__(f"ticket {ticket_id} has no task: no workflow takes it so far, or it isn't routed yet")


class Ticket(NamedTuple):
    """A ticket's state; `department` is None until it is routed."""

    company_id: int
    ticket_id: int
    ticket_uuid: str | None = None
    category: str | None = None
    sub_category: str | None = None
    department: str | None = None
    team_id: int | None = None
    team: str | None = None
    priority: str = "low"
    routed_revision: int = 0
    status: str | None = None
    """The ticket's status, None before its first change."""
    status_revision: int = 0
    unmatched_since: datetime | None = None
    """Since when no workflow takes the ticket; None where one does, or where it isn't routed."""
    gone: bool = False
    external_ticket_id: str | None = None
    """The ticket's id in the system that sent it."""

    @property
    def scope(self) -> Scope:
        """Return what matching compares."""
        return Scope(self.category, self.sub_category, self.department)


def to_tombstone(ticket: Ticket) -> Ticket:
    """Return the ticket's tombstone. The row stays, so that no later event begins a task."""
    return Ticket(
        ticket.company_id,
        ticket.ticket_id,
        routed_revision=ticket.routed_revision,
        status_revision=ticket.status_revision,
        gone=True,
    )
