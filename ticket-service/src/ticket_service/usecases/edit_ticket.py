"""Change what a ticket says, its priority, its status, or wish for another department or team."""

from dataclasses import dataclass, replace
from typing import Any

from service_kit.messaging import outbox
from service_kit.messaging.event import Event
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.departments import routable
from ticket_service.domain.edit import Choices, Edit, Edited, edited
from ticket_service.domain.teams import Team
from ticket_service.domain.ticket import Expected, Ticket
from ticket_service.domain.trail import Entry
from ticket_service.ports import Owners
from ticket_service.store import departments, teams, tickets, trail
from ticket_service.usecases.origin import Origin

WISHED = ("department", "team")
"""What an edit can't change by itself."""


@dataclass(frozen=True)
class _Asked:
    """What the owners say of the department and the team that an edit names."""

    takes_tickets: bool | None = None
    """None: no department is named, or nobody can say."""
    team: Team | None = None


def edit_ticket(
    session: Session, ticket_id: int, edit: Edit, expected: Expected, origin: Origin, owners: Owners
) -> Edited:
    """Apply an edit, append it to the trail and announce it; what is the same already changes nothing.

    Department and team are only wished for here: routing-service decides on the wish and `ticket.routed` brings the
    answer. A wish is announced even where the ticket shows it already. Raises TicketNotFound, StaleVersion,
    VersionConflict, IllegalMove, TwinOpen, UnknownDepartment, UnknownTeam, UnfitTeam.
    """
    # Asked outside any transaction: an owner may need a second, and locks held that long stop everybody.
    asked = _ask(session, edit, origin.company_id, owners)
    with session.begin():
        before = tickets.lock(session, origin.company_id, ticket_id)
        before.expect(expected)
        outcome = edited(before, edit, _choices(session, edit, asked, origin.company_id))
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


def _ask(session: Session, edit: Edit, company_id: int, owners: Owners) -> _Asked:
    takes = None if edit.department is None else owners.takes_tickets(company_id, edit.department)
    team = None
    if edit.team is not None and edit.team.name is not None:
        with session.begin():
            team = teams.named(session, company_id, edit.team.name)
        team = owners.team(company_id, team) if team is not None else None
        # It may have another name by now, and another team this one.
        team = team if team is not None and team.name == edit.team.name else None
    return _Asked(takes, team)


def _choices(session: Session, edit: Edit, asked: _Asked, company_id: int) -> Choices:
    if edit.department is None and edit.team is None:
        return Choices(())
    known = routable(departments.announced(session, company_id))
    if edit.department is not None and asked.takes_tickets is not None:
        known = known | {edit.department} if asked.takes_tickets else known - {edit.department}
    return Choices(known, asked.team)


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
