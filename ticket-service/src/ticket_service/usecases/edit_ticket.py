"""Change what a ticket says, its priority, its status, or wish for another department."""

from typing import Any

from service_kit.messaging import outbox
from service_kit.messaging.event import Event
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.departments import routable
from ticket_service.domain.errors import UnknownDepartment
from ticket_service.domain.ticket import Edit, Edited, Expected, Ticket, edited
from ticket_service.domain.trail import Entry
from ticket_service.store import departments, tickets, trail
from ticket_service.usecases.origin import Origin


def edit_ticket(session: Session, ticket_id: int, edit: Edit, expected: Expected, origin: Origin) -> Edited:
    """Carry out an edit, tell the trail and announce it; what is the same already changes nothing.

    A department is only wished for here: routing-service carries the wish out and `ticket.routed` brings it back.
    Raises TicketNotFound, StaleVersion, VersionConflict, IllegalMove, TwinOpen, UnknownDepartment.
    """
    with session.begin():
        before = tickets.lock(session, origin.company_id, ticket_id)
        before.expect(expected)
        if edit.department is not None and edit.department not in routable(
            departments.announced(session, origin.company_id)
        ):
            raise UnknownDepartment(edit.department)
        outcome = edited(before, edit)
        if not outcome.changed and not outcome.moved:
            return outcome
        ticket = tickets.save(session, outcome.ticket, events=bool(outcome.changed) + outcome.moved)
        outcome = Edited(ticket, outcome.changed, outcome.moved, outcome.wanted_department)
        trail.append(session, _entries(before, outcome, origin))
        outbox.add_all(session, _announcements(before, outcome, origin))
    return outcome


def _entries(before: Ticket, outcome: Edited, origin: Origin) -> list[Entry]:
    after, request_id = outcome.ticket, origin.cause.request_id
    entries = []
    if outcome.changed:
        written = [name for name in outcome.changed if name != "department"]
        payload: dict[str, Any] = {
            "before": {name: getattr(before, name) for name in written},
            "after": {name: getattr(after, name) for name in written},
        }
        if outcome.wanted_department is not None:
            payload["before"]["department"] = before.department
            payload["wanted_department"] = outcome.wanted_department
        entries.append(Entry(after.company_id, after.id, "updated", origin.actor, payload, request_id))
    if outcome.moved:
        moved = {"before": before.status.value, "after": after.status.value}
        entries.append(Entry(after.company_id, after.id, "status_change", origin.actor, moved, request_id))
    return entries


def _announcements(before: Ticket, outcome: Edited, origin: Origin) -> list[Event]:
    ticket, announced = outcome.ticket, []
    if outcome.changed:
        # The status is announced last, so that its revision is the higher one.
        revision = ticket.revision - outcome.moved
        announced.append(
            events.updated(ticket, revision, outcome.changed, outcome.wanted_department, origin.actor, origin.cause)
        )
    if outcome.moved:
        announced.append(events.status_updated(ticket, ticket.revision, before.status, origin.actor, origin.cause))
    return announced
