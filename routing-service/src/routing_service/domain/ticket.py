"""What is known of a ticket, and what it is told besides where it goes.

Every function takes a state and returns the next one; a ticket that is gone never changes again.
"""

from datetime import datetime
from typing import NamedTuple

UNREAD_CATEGORY = "back"
"""The category of a ticket that nothing has read yet."""


class Ticket(NamedTuple):
    """What this service knows of a ticket. `department` is None until it is routed.

    A named tuple, because every event makes two or three: replacing fields of a dataclass costs ten times as much.
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
    """A person chose the team, or that there is none."""
    confidence_score: float = 0.0
    need_admin: bool = True
    decided_by: str | None = None
    reason: str = ""
    actor: str = ""
    rerouted: bool = False
    """It was sent to another department after it had been routed, or a person rerouted it."""
    routed_at: datetime | None = None
    routings: int = 0
    """How many routings were carried out."""
    revision: int = 0
    """Of the last `ticket.routed`."""
    answer_revision: int = 0
    """Of the newest machine's answer."""
    edit_revision: int = 0
    """Of the newest edit: priorities come from it alone."""
    wish_revision: int = 0
    """Up to this revision of ticket-service, wishes count for nothing any more: a newer wish, or a routing by hand that
    was ordered after them, stands. An edit without a wish doesn't take an earlier wish back."""
    by_hand_at: datetime | None = None
    """When a person last routed it at this service while ticket-service could not be asked for its revision. Only then
    is the time compared with that of a wish: clocks of two machines differ, revisions don't."""
    gone: bool = False


def learn(ticket: Ticket, *, ticket_uuid: str, category: str, priority: str) -> Ticket:
    """Take in what was known when a ticket was created; what was learned since outranks it."""
    if ticket.gone:
        return ticket
    ticket = ticket._replace(ticket_uuid=ticket_uuid)
    if ticket.answer_revision == 0:
        ticket = ticket._replace(category=category)
        if ticket.edit_revision == 0:
            ticket = ticket._replace(priority=priority)
    return ticket


def take_edit(ticket: Ticket, *, revision: int, ticket_uuid: str, priority: str, priority_given: bool) -> Ticket:
    """Take in a person's edit; an older one than the newest known changes nothing."""
    if ticket.gone or revision <= ticket.edit_revision:
        return ticket
    ticket = ticket._replace(ticket_uuid=ticket_uuid, edit_revision=revision, priority_given=priority_given)
    if priority_given or ticket.answer_revision == 0:
        ticket = ticket._replace(priority=priority)
    return ticket


def shown(ticket: Ticket) -> tuple[object, ...]:
    """Return what `ticket.routed` tells of a ticket, but for the time."""
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


def forget(ticket: Ticket) -> Ticket:
    """Leave nothing of a ticket but that it is gone."""
    return Ticket(ticket.company_id, ticket.ticket_id, revision=ticket.revision, gone=True)
