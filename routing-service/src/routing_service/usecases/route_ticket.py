"""A person routes a ticket."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from service_kit.http.idempotency import Once
from service_kit.messaging.event import Cause
from sqlalchemy.orm import Session

from routing_service.domain.decision import Decision
from routing_service.domain.routing import route_by_hand
from routing_service.domain.teams import Team, TeamChoice, TeamNotFound
from routing_service.domain.ticket import learn
from routing_service.ports import CantKnow, FoundTicket, TeamsElsewhere, TicketsElsewhere
from routing_service.store import tickets
from routing_service.usecases import meet_companies
from routing_service.usecases.carry_out import carry_out_and_tell

RoutedLine = tuple[int, Decision]
"""The id of a line of the history, and the decision it tells."""


class TicketNotFound(Exception):
    """The company has no such ticket, or has it no more."""


@dataclass(frozen=True)
class RoutingOrder:
    """What a person wants: `reroute` marks a change of what was decided before, `team` None says nothing of a team."""

    ticket_id: int
    department: str
    confidence_score: float
    reroute: bool
    actor: str
    team: TeamChoice | None = None


def route_ticket(
    session: Session,
    company: int,
    order: RoutingOrder,
    cause: Cause,
    elsewhere: TicketsElsewhere,
    teams: TeamsElsewhere,
    again: Once[RoutedLine],
) -> RoutedLine:
    """Route a ticket as a person says; return the id of the history's line and the decision.

    ticket-service is asked first, for two reasons: the ticket may have been deleted a moment ago, and its revision puts
    this routing and the wishes made there in one order, whatever is still on its way. While ticket-service can't be
    asked, no ticket can be deleted and no wish made there, and what is known here has to do. auth-service is asked for
    the team that a person names, which may have been deleted, too.

    Raises TicketNotFound, DepartmentNotFound, DepartmentInactive, TeamNotFound, TeamInactive, TeamElsewhere, CantKnow
    where the ticket is unknown here and its owner can't be asked, and AnsweredBefore for a repeated Idempotency-Key.
    """
    # Asked outside any transaction: a neighbour may need seconds, and locks held that long stop everybody.
    try:
        found: FoundTicket | CantKnow | None = elsewhere.find(company, order.ticket_id)
    except CantKnow as error:
        found = error
    if found is None:
        raise TicketNotFound(f"there is no ticket {order.ticket_id}")
    team = _team(company, order.team, teams)
    with session.begin():
        return _route(session, company, order, cause, again, found, team)


def _team(company: int, choice: TeamChoice | None, teams: TeamsElsewhere) -> Team | None:
    """Return the team that a person names as it is now; None where none is named or its owner can't be asked."""
    if choice is None or choice.team_id is None:
        return None
    try:
        found = teams.find(company, choice.team_id)
    except CantKnow:
        return None
    if found is None:
        raise TeamNotFound(f"there is no team {choice.team_id}")
    return found


def _route(
    session: Session,
    company: int,
    order: RoutingOrder,
    cause: Cause,
    again: Once[RoutedLine],
    found: FoundTicket | CantKnow,
    team: Team | None,
) -> RoutedLine:
    again.claim(session)
    directory = meet_companies.directories(session, [company], cause)[company]
    if team is not None:
        directory = replace(directory, teams=directory.teams.with_team(team))
    directory.expect(order.department)
    key = (company, order.ticket_id)
    if isinstance(found, CantKnow):
        before = tickets.lock_known(session, *key)
        if before is None:
            raise found
    else:
        before = tickets.lock(session, [key])[key]
    if before.gone:
        raise TicketNotFound(f"there is no ticket {order.ticket_id}")
    ticket = before
    if isinstance(found, FoundTicket):
        ticket = learn(ticket, ticket_uuid=found.uuid, category=found.category, priority=found.priority)
    decision = route_by_hand(
        ticket,
        department=order.department,
        confidence_score=order.confidence_score,
        actor=order.actor,
        directory=directory,
        now=datetime.now(UTC),
        reroute=order.reroute,
        team=order.team,
        wishes_seen=found.revision if isinstance(found, FoundTicket) else None,
    )
    [line] = carry_out_and_tell(session, {key: before}, {key: decision.ticket}, [(decision, cause)])
    again.remember(session, (line, decision))
    return line, decision
