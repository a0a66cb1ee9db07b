"""A person edited a ticket, and may have wished for a department."""

from dataclasses import dataclass
from datetime import datetime

from routing_service.domain.departments import Directory
from routing_service.domain.ticket import Decision, Ticket, Wish, take_edit, take_wish


@dataclass(frozen=True)
class Updated:
    """What this service needs of `ticket.updated`."""

    ticket_id: int
    ticket_uuid: str
    priority: str
    priority_given: bool
    wanted_department: str | None
    actor: str
    updated_at: str


def edit(ticket: Ticket, revision: int, updated: Updated) -> Ticket:
    """Take in the edit; its priority counts if it is the newest edit."""
    return take_edit(
        ticket,
        revision=revision,
        ticket_uuid=updated.ticket_uuid,
        priority=updated.priority,
        priority_given=updated.priority_given,
    )


def carry_out_wish(
    ticket: Ticket, revision: int, updated: Updated, directory: Directory, now: datetime
) -> Decision | None:
    """Route the ticket where the person who edited it wants it; None where nothing was wished or it is gone.

    A wish is no state: it holds even if a later edit, without a wish, came first.
    """
    if updated.wanted_department is None:
        return None
    made_at = datetime.fromisoformat(updated.updated_at)
    return take_wish(ticket, Wish(revision, updated.wanted_department, updated.actor, made_at), directory, now)
