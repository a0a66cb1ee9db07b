"""A ticket as this service knows it from events: whose it is and who works on it."""

from typing import NamedTuple


class Ticket(NamedTuple):
    """A ticket's state; `requester_id` is None where no person of the company has sent it."""

    company_id: int
    ticket_id: int
    requester_id: int | None = None
    assignee: str | None = None
    """The address of who works on it."""
    assigned_revision: int = 0
    team_id: int | None = None
    """The team that its task is in."""
    gone: bool = False


def to_tombstone(ticket: Ticket) -> Ticket:
    """Return the ticket's tombstone. The row stays, so that no later event notifies anybody."""
    return Ticket(ticket.company_id, ticket.ticket_id, gone=True)
