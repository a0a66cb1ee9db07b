"""Route a ticket manually."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from routing_service.domain.decision import Decision
from routing_service.domain.routing import route_manually
from routing_service.domain.teams import Team, TeamChoice, TeamNotFound
from routing_service.domain.ticket import Given, fill_details
from routing_service.ports import AuthServicePort, FoundTicket, OwnerUnavailable, TicketServicePort
from routing_service.store import tickets
from routing_service.usecases import seed_departments
from routing_service.usecases.save_and_publish import save_and_publish

HistoryEntry = tuple[int, Decision]
"""The id of a history entry, and its decision."""


class TicketNotFound(Exception):
    """The company has no such ticket, or it was deleted."""


@dataclass(frozen=True)
class ManualRouting:
    """A person's routing: `reroute` marks a change of an earlier routing; `team` None keeps the ticket's team."""

    ticket_id: int
    department: str
    confidence_score: float
    reroute: bool
    actor: str
    team: TeamChoice | None = None


def route_ticket(
    session: Session,
    company_id: int,
    routing: ManualRouting,
    cause: Cause,
    ticket_service: TicketServicePort,
    auth_service: AuthServicePort,
    idempotency_key: IdempotencyKey[HistoryEntry],
) -> HistoryEntry:
    """Route a ticket as a person decides; return the id of the history entry and the decision.

    ticket-service is asked first, for three reasons: the ticket may have been deleted a moment ago; its revision orders
    this routing among the requests made there, whatever events are on their way; and its UUID, category and priority
    may not have arrived yet. While ticket-service is unavailable, no ticket is deleted and no request is made, so the
    ticket stored here decides. auth-service is asked for the team, which may have been deleted as well.

    Raises TicketNotFound, DepartmentNotFound, DepartmentInactive, TeamNotFound, TeamInactive, TeamOfAnotherDepartment,
    OwnerUnavailable for an unknown ticket while ticket-service is unavailable, and Replayed for a repeated
    Idempotency-Key.
    """
    # The services are asked outside any transaction: they may need seconds, and locks held that long block others.
    try:
        found: FoundTicket | OwnerUnavailable | None = ticket_service.find(company_id, routing.ticket_id)
    except OwnerUnavailable as error:
        found = error
    if found is None:
        raise TicketNotFound(f"there is no ticket {routing.ticket_id}")
    team = _team(company_id, routing.team, auth_service)
    with session.begin():
        return _route(session, company_id, routing, cause, idempotency_key, found, team)


def _team(company_id: int, choice: TeamChoice | None, auth_service: AuthServicePort) -> Team | None:
    """Return the chosen team as it is now; None where none is chosen or auth-service is unavailable."""
    if choice is None or choice.team_id is None:
        return None
    try:
        found = auth_service.find(company_id, choice.team_id)
    except OwnerUnavailable:
        return None
    if found is None:
        raise TeamNotFound(f"there is no team {choice.team_id}")
    return found


def _route(
    session: Session,
    company_id: int,
    routing: ManualRouting,
    cause: Cause,
    idempotency_key: IdempotencyKey[HistoryEntry],
    found: FoundTicket | OwnerUnavailable,
    team: Team | None,
) -> HistoryEntry:
    idempotency_key.claim(session)
    directory = seed_departments.directories(session, [company_id], cause)[company_id]
    if team is not None:
        directory = replace(directory, teams=directory.teams.with_team(team))
    directory.check_accepts(routing.department)
    key = (company_id, routing.ticket_id)
    if isinstance(found, OwnerUnavailable):
        before = tickets.lock_known(session, *key)
        if before is None:
            raise found
    else:
        before = tickets.lock(session, [key])[key]
    if before.gone:
        raise TicketNotFound(f"there is no ticket {routing.ticket_id}")
    ticket = before
    if isinstance(found, FoundTicket):
        given = Given(sub_category=found.sub_category, external_ticket_id=found.external_ticket_id)
        ticket = fill_details(
            ticket, ticket_uuid=found.uuid, category=found.category, priority=found.priority, given=given
        )
    decision = route_manually(
        ticket,
        department=routing.department,
        confidence_score=routing.confidence_score,
        actor=routing.actor,
        directory=directory,
        now=datetime.now(UTC),
        reroute=routing.reroute,
        team=routing.team,
        requests_seen_up_to=found.revision if isinstance(found, FoundTicket) else None,
    )
    [entry_id] = save_and_publish(session, {key: before}, {key: decision.ticket}, [(decision, cause)])
    idempotency_key.store(session, (entry_id, decision))
    return entry_id, decision
