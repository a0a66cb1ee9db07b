"""Change what a ticket says, its priority, its status, or wish for another department or team."""

from dataclasses import replace
from typing import Any

from service_kit.messaging import outbox
from service_kit.messaging.event import Event
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.departments import routable
from ticket_service.domain.edit import Choices, Edit, Edited, edited
from ticket_service.domain.ticket import Expected, Ticket
from ticket_service.domain.trail import Entry
from ticket_service.store import departments, teams, tickets, trail
from ticket_service.usecases.origin import Origin

WISHED = ("department", "team")
"""What an edit can't change by itself."""


def edit_ticket(session: Session, ticket_id: int, edit: Edit, expected: Expected, origin: Origin) -> Edited:
    """Apply an edit, append it to the trail and announce it; what is the same already changes nothing.

    Department and team are only wished for here: routing-service decides on the wish and `ticket.routed` brings the
    answer. A wish is announced even where the ticket shows it already. Raises TicketNotFound, StaleVersion,
    VersionConflict, IllegalMove, TwinOpen, UnknownDepartment, UnknownTeam, UnfitTeam.
    """
    with session.begin():
        before = tickets.lock(session, origin.company_id, ticket_id)
        before.expect(expected)
        outcome = edited(before, edit, _choices(session, edit, origin.company_id))
        changes, updates = outcome.changed or outcome.moved, bool(outcome.changed) or outcome.wish is not None
        if not changes and not updates:
            return outcome
        ticket = outcome.ticket
        if outcome.wish is not None:
            ticket = replace(ticket, wish_revision=ticket.revision + 1)
        ticket = tickets.save(session, ticket, events=updates + outcome.moved, changed=bool(changes))
        outcome = replace(outcome, ticket=ticket)
        trail.append(session, _entries(before, outcome, origin))
        outbox.add_all(session, _announcements(before, outcome, origin))
    return outcome


def _choices(session: Session, edit: Edit, company_id: int) -> Choices:
    if edit.department is None and edit.team is None:
        return Choices(())
    named = edit.team.name if edit.team else None
    return Choices(
        routable(departments.announced(session, company_id)),
        teams.named(session, company_id, named) if named is not None else None,
    )


def _entries(before: Ticket, outcome: Edited, origin: Origin) -> list[Entry]:
    after, request_id = outcome.ticket, origin.cause.request_id
    entries = []
    if outcome.changed:
        written = [name for name in outcome.changed if name not in WISHED]
        payload: dict[str, Any] = {
            "before": {name: getattr(before, name) for name in written},
            "after": {name: getattr(after, name) for name in written},
        }
        if outcome.wish is not None:
            if outcome.wish.department is not None:
                payload["before"]["department"] = before.department
                payload["wanted_department"] = outcome.wish.department
            if outcome.wish.names_team:
                payload["before"]["team"] = before.team
                payload["wanted_team"] = outcome.wish.team.name if outcome.wish.team else None
        entries.append(Entry(after.company_id, after.id, "updated", origin.actor, payload, request_id))
    if outcome.moved:
        moved = {"before": before.status.value, "after": after.status.value}
        entries.append(Entry(after.company_id, after.id, "status_change", origin.actor, moved, request_id))
    return entries


def _announcements(before: Ticket, outcome: Edited, origin: Origin) -> list[Event]:
    ticket, announced = outcome.ticket, []
    if outcome.changed or outcome.wish is not None:
        # The status is announced last, so that its revision is the higher one.
        revision = ticket.revision - outcome.moved
        announced.append(events.updated(ticket, revision, outcome.changed, outcome.wish, origin.actor, origin.cause))
    if outcome.moved:
        announced.append(events.status_updated(ticket, ticket.revision, before.status, origin.actor, origin.cause))
    return announced
