"""A ticket's state in this service, and the events that change it besides routings.

Every function takes a state and returns the next one; a tombstone never changes again.
"""

from datetime import datetime
from typing import NamedTuple

UNREAD_CATEGORY = "back"
"""The category of a ticket before the first prediction."""


class Ticket(NamedTuple):
    """A ticket's state. `department` is None until it is routed.

    It is a named tuple because every event creates two or three: replacing fields of a dataclass takes ten times as
    long.
    """

    company_id: int
    ticket_id: int
    ticket_uuid: str | None = None
    category: str = UNREAD_CATEGORY
    priority: str = "low"
    priority_given: bool = False
    department: str | None = None
    team_id: int | None = None
    team: str | None = None
    """The name the team had when it got the ticket."""
    team_by_person: bool = False
    """A person chose the team, or chose no team."""
    confidence_score: float = 0.0
    need_admin: bool = True
    decided_by: str | None = None
    reason: str = ""
    actor: str = ""
    rerouted: bool = False
    """The ticket was routed to another department after its first routing, or a person rerouted it."""
    routed_at: datetime | None = None
    routings: int = 0
    """The number of routings that were applied."""
    revision: int = 0
    """The revision of the last `ticket.routed`."""
    prediction_revision: int = 0
    """The revision of the newest prediction."""
    edit_revision: int = 0
    """The revision of the newest edit, which alone sets the priority."""
    request_revision: int = 0
    """Routing requests up to this revision of ticket-service are outranked, by a newer request or by a manual routing
    that came after them. An edit without a request doesn't withdraw an earlier request."""
    by_hand_at: datetime | None = None
    """The time of the last manual routing while ticket-service was unavailable. Only then times of requests are
    compared: clocks of two machines differ, revisions don't."""
    gone: bool = False


def fill_details(ticket: Ticket, *, ticket_uuid: str, category: str, priority: str) -> Ticket:
    """Return the ticket with the values of its creation; values of predictions and edits take precedence."""
    if ticket.gone:
        return ticket
    ticket = ticket._replace(ticket_uuid=ticket_uuid)
    if ticket.prediction_revision == 0:
        ticket = ticket._replace(category=category)
        if ticket.edit_revision == 0:
            ticket = ticket._replace(priority=priority)
    return ticket


def apply_edit(ticket: Ticket, *, revision: int, ticket_uuid: str, priority: str, priority_given: bool) -> Ticket:
    """Return the ticket after a person's edit; an edit older than the newest one changes nothing."""
    if ticket.gone or revision <= ticket.edit_revision:
        return ticket
    ticket = ticket._replace(ticket_uuid=ticket_uuid, edit_revision=revision, priority_given=priority_given)
    if priority_given or ticket.prediction_revision == 0:
        ticket = ticket._replace(priority=priority)
    return ticket


def published_fields(ticket: Ticket) -> tuple[object, ...]:
    """Return the values that `ticket.routed` publishes, without the time."""
    return (
        ticket.department,
        ticket.team_id,
        ticket.team,
        ticket.team_by_person,
        ticket.category,
        ticket.priority,
        ticket.confidence_score,
        ticket.need_admin,
        ticket.decided_by,
        ticket.reason,
        ticket.rerouted,
        ticket.actor,
    )


def to_tombstone(ticket: Ticket) -> Ticket:
    """Reduce a ticket to a tombstone."""
    return Ticket(ticket.company_id, ticket.ticket_id, revision=ticket.revision, gone=True)
