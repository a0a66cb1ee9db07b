"""A ticket's state in this service, and the events that change it besides routings.

Every function takes a state and returns the next one; a tombstone never changes again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

UNREAD_CATEGORY = "back"
"""The category of a ticket before the first prediction."""


@dataclass(frozen=True)
class Given:
    """The values that the sender of a ticket gave; predictions change none of it. None where nothing was given."""

    category: str | None = None
    priority: str | None = None
    sub_category: str | None = None
    external_ticket_id: str | None = None


NOTHING_GIVEN = Given()


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
    category_given: bool = False
    sub_category: str | None = None
    external_ticket_id: str | None = None
    """The ticket's id in the system that sent it."""

    @property
    def scope(self) -> tuple[str, str | None, str | None]:
        """Return what consumers of `ticket.routed` choose a workflow by, beside the department."""
        return self.category, self.sub_category, self.external_ticket_id


def fill_details(
    ticket: Ticket, *, ticket_uuid: str, category: str, priority: str, given: Given = NOTHING_GIVEN
) -> Ticket:
    """Return the ticket with the values of its creation; values of predictions and edits take precedence, given ones
    take precedence over predictions.
    """
    if ticket.gone:
        return ticket
    ticket = fill_given(ticket._replace(ticket_uuid=ticket_uuid), given)
    if ticket.prediction_revision == 0:
        if not ticket.category_given:
            ticket = ticket._replace(category=category)
        if ticket.edit_revision == 0:
            ticket = ticket._replace(priority=priority)
    return ticket


def fill_given(ticket: Ticket, given: Given) -> Ticket:
    """Return the ticket with what its sender gave; an edit knows better, because it carries all of it."""
    ticket = ticket._replace(external_ticket_id=given.external_ticket_id or ticket.external_ticket_id)
    if ticket.edit_revision:
        return ticket
    if given.category is not None:
        ticket = ticket._replace(category=given.category, category_given=True)
    if given.priority is not None:
        ticket = ticket._replace(priority=given.priority, priority_given=True)
    return ticket._replace(sub_category=given.sub_category or ticket.sub_category)


@dataclass(frozen=True)
class Edit:
    """The values of a ticket after a person's edit. `category` is None in events of before it was there."""

    revision: int
    ticket_uuid: str
    priority: str
    priority_given: bool
    category: str | None = None
    category_given: bool = False
    sub_category: str | None = None
    external_ticket_id: str | None = None


def apply_edit(ticket: Ticket, edit: Edit) -> Ticket:
    """Return the ticket after a person's edit; an edit older than the newest one changes nothing."""
    if ticket.gone or edit.revision <= ticket.edit_revision:
        return ticket
    ticket = ticket._replace(
        ticket_uuid=edit.ticket_uuid,
        edit_revision=edit.revision,
        priority_given=edit.priority_given,
        external_ticket_id=edit.external_ticket_id or ticket.external_ticket_id,
    )
    if edit.priority_given or ticket.prediction_revision == 0:
        ticket = ticket._replace(priority=edit.priority)
    if edit.category is None:
        return ticket
    ticket = ticket._replace(category_given=edit.category_given, sub_category=edit.sub_category)
    # A category that nobody gave is a prediction, which came here first.
    return ticket._replace(category=edit.category) if edit.category_given else ticket


def published_fields(ticket: Ticket) -> tuple[object, ...]:
    """Return the values that `ticket.routed` publishes, without the time."""
    return (
        ticket.department,
        ticket.team_id,
        ticket.team,
        ticket.team_by_person,
        ticket.category,
        ticket.sub_category,
        ticket.external_ticket_id,
        ticket.priority,
        ticket.confidence_score,
        ticket.need_admin,
        ticket.decided_by,
        ticket.reason,
        ticket.rerouted,
        ticket.actor,
    )


def is_outdated(before: Ticket, after: Ticket) -> bool:
    """Return whether `ticket.routed` must be published again: a routed ticket has another category or sub-category."""
    return after.department is not None and not after.gone and after.scope != before.scope


def to_tombstone(ticket: Ticket) -> Ticket:
    """Reduce a ticket to a tombstone."""
    return Ticket(ticket.company_id, ticket.ticket_id, revision=ticket.revision, gone=True)
