"""Change a ticket's text, priority or status, or request another department or team."""

from dataclasses import replace
from typing import Any

from company_kit import audit
from eventbus.event import Event
from eventbus.publish import outbox
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain import lifecycle
from ticket_service.domain.departments import routable
from ticket_service.domain.edit import Choices, Edit, Edited, OwnerAnswers, RoutingRequest, edited
from ticket_service.domain.ticket import Expected, Ticket
from ticket_service.domain.trail import Entry
from ticket_service.ports import Directory
from ticket_service.store import departments, teams, tickets, trail
from ticket_service.store.read_marks import for_reader
from ticket_service.usecases.request_context import RequestContext

REQUESTED_FIELDS = ("department", "team")
"""The fields that routing-service decides on: an edit only requests them."""


def edit_ticket(
    session: Session,
    ticket_id: int,
    edit: Edit,
    expected: Expected,
    context: RequestContext,
    directory: Directory,
    own: str | None = None,
) -> Edited:
    """Apply an edit, append it to the trail and publish it; equal values change nothing.

    Department and team are only requested: routing-service decides, and `ticket.routed` brings its answer. A request is
    published even where the ticket already shows it. `own` is the requester who edits its own ticket. Raises
    TicketNotFound, RequesterMove, StaleVersion, VersionConflict, IllegalMove,
    DuplicateOpen, UnknownDepartment, UnknownTeam, UnfitTeam.
    """
    answers = ask_owners(session, edit, context.company_id, directory)
    with session.begin():
        outcome = apply_edit(session, ticket_id, edit, expected, context, answers, own)
        return replace(outcome, ticket=for_reader(session, outcome.ticket, context.actor, public=own is not None))


def apply_edit(
    session: Session,
    ticket_id: int,
    edit: Edit,
    expected: Expected,
    context: RequestContext,
    answers: OwnerAnswers,
    own: str | None = None,
) -> Edited:
    """Edit a ticket as `edit_ticket` does, in the caller's transaction."""
    before = tickets.lock(session, context.company_id, ticket_id, own)
    if own is not None and edit.status is not None:
        lifecycle.check_requester_move(before.status, edit.status)
    before.check_version(expected)
    outcome = edited(before, edit, choices(session, edit, answers, context.company_id))
    changes, updates = outcome.changed or outcome.moved, bool(outcome.changed) or outcome.request is not None
    if not changes and not updates:
        return outcome
    ticket = outcome.ticket
    if outcome.request is not None:
        ticket = replace(ticket, request_revision=ticket.revision + 1)
    ticket = tickets.save(session, ticket, events=updates + outcome.moved, changed=bool(changes))
    outcome = replace(outcome, ticket=ticket)
    trail.append(session, _entries(before, outcome, context))
    if outcome.request is not None:
        _record_request(session, before, outcome.request)
    outbox.add_all(session, _events(before, outcome, context))
    return outcome


def ask_owners(session: Session, edit: Edit, company_id: int, directory: Directory) -> OwnerAnswers:
    """Ask the owners about the department and the team that an edit names.

    Outside any transaction: an answer may take a second, and held locks block others.
    """
    takes = None if edit.department is None else directory.takes_tickets(company_id, edit.department)
    team = None
    if edit.team is not None and edit.team.name is not None:
        with session.begin():
            team = teams.named(session, company_id, edit.team.name)
        team = directory.team(company_id, team) if team is not None else None
        # The team may have been renamed, and another team may have the name now.
        team = team if team is not None and team.name == edit.team.name else None
    return OwnerAnswers(takes, team)


def choices(session: Session, edit: Edit, answers: OwnerAnswers, company_id: int) -> Choices:
    """Return the departments that take tickets, and the team that the edit names."""
    if edit.department is None and edit.team is None:
        return Choices(())
    names = routable(departments.all_of(session, company_id))
    if edit.department is not None and answers.takes_tickets is not None:
        names = names | {edit.department} if answers.takes_tickets else names - {edit.department}
    return Choices(names, answers.team)


def _record_request(session: Session, before: Ticket, wanted: RoutingRequest) -> None:
    """Add to the audit what routing-service is asked for; the ticket itself changes by its answer."""
    changes = []
    if wanted.department is not None:
        changes.append({"field": "department", "old": before.department, "new": wanted.department})
    if wanted.names_team:
        changes.append({"field": "team", "old": before.team, "new": wanted.team.name if wanted.team else None})
    audit.add(
        session,
        before.company_id,
        "ticket.routing_requested",
        record="ticket",
        record_id=before.id,
        ticket_id=before.id,
        changes=changes,
    )


def _entries(before: Ticket, outcome: Edited, context: RequestContext) -> list[Entry]:
    after, request_id = outcome.ticket, context.cause.request_id
    entries = []
    if outcome.changed:
        written = [name for name in outcome.changed if name not in REQUESTED_FIELDS]
        payload: dict[str, Any] = {
            "before": {name: getattr(before, name) for name in written},
            "after": {name: getattr(after, name) for name in written},
        }
        if outcome.request is not None:
            if outcome.request.department is not None:
                payload["before"]["department"] = before.department
                payload["wanted_department"] = outcome.request.department
            if outcome.request.names_team:
                payload["before"]["team"] = before.team
                payload["wanted_team"] = outcome.request.team.name if outcome.request.team else None
        entries.append(Entry(after.company_id, after.id, "updated", context.actor, payload, request_id))
    if outcome.moved:
        moved = {"before": before.status.value, "after": after.status.value}
        entries.append(Entry(after.company_id, after.id, "status_change", context.actor, moved, request_id))
    return entries


def _events(before: Ticket, outcome: Edited, context: RequestContext) -> list[Event]:
    ticket, published = outcome.ticket, []
    if outcome.changed or outcome.request is not None:
        # The status is published last, so that its revision is the higher one.
        revision = ticket.revision - outcome.moved
        published.append(
            events.updated(ticket, revision, outcome.changed, outcome.request, context.actor, context.cause)
        )
    if outcome.moved:
        published.append(events.status_updated(ticket, ticket.revision, before.status, context.actor, context.cause))
    return published
