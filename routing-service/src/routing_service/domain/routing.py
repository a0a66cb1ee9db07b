"""Decides where a ticket goes after a prediction, a person's request or a manual routing.

Every function takes a ticket's state and returns a decision with the next state; a deleted ticket is never routed.
"""

from dataclasses import replace
from datetime import datetime

from routing_service.domain.decision import Decision, Destination, Prediction, Routing, RoutingRequest
from routing_service.domain.departments import GENERAL, Directory
from routing_service.domain.teams import TeamChoice
from routing_service.domain.ticket import Ticket, fill_given, published_fields

PERSON = "person"
MANUAL_CONFIDENCE = 100.0
MAX_REASON_CHARACTERS = 2000


def apply_prediction(ticket: Ticket, prediction: Prediction, directory: Directory, now: datetime) -> Decision | None:
    """Route a ticket as predicted, unless a person's routing or a newer prediction is in effect.

    In that case the prediction only enters the history; the first prediction still gives category and priority to a
    ticket that a person routed before it. A department that accepts no tickets becomes General, and `need_admin` is
    set; a team that isn't eligible there is dropped. Returns None for a deleted ticket.
    """
    if ticket.gone:
        return None
    before = ticket
    destination = _allowed(directory, prediction)
    late = prediction.revision <= ticket.prediction_revision
    ticket = fill_given(ticket, prediction.given)
    if not late:
        ticket = ticket._replace(
            ticket_uuid=prediction.ticket_uuid,
            prediction_revision=prediction.revision,
            category=ticket.category if ticket.category_given else prediction.category,
            priority=ticket.priority if ticket.priority_given else prediction.priority,
        )
    if ticket.decided_by == PERSON and before.prediction_revision == 0 and not late:
        entry = _entry(ticket, destination, applied=False, rerouted=False)
        if published_fields(ticket) == published_fields(before):
            return Decision(ticket, entry, published=False)
        return Decision(ticket._replace(revision=ticket.revision + 1), entry, published=True)
    if late or ticket.decided_by == PERSON:
        return Decision(ticket, _entry(ticket, destination, applied=False, rerouted=False), published=False)
    moved = ticket.department not in (None, destination.department)
    routed = _routed(ticket, destination, moved=moved, now=now)
    entry = _entry(routed, destination, applied=True, rerouted=moved)
    if published_fields(routed) == published_fields(before):
        # An equal prediction is another history entry, but nothing that consumers don't have.
        return Decision(routed._replace(revision=before.revision), entry, published=False)
    return Decision(routed, entry, published=True)


def apply_request(ticket: Ticket, request: RoutingRequest, directory: Directory, now: datetime) -> Decision | None:
    """Route a ticket as a person requested, unless a newer request or a later manual routing is in effect.

    A department or team that was deleted meanwhile is refused; the history records it. The refusal is published too,
    because a caller may wait for it. Returns None for a deleted ticket, and for a request about the team alone of a
    ticket that has no department yet.
    """
    department = request.department or ticket.department
    if ticket.gone or department is None:
        return None
    outranked = request.revision <= ticket.request_revision or (
        ticket.by_hand_at is not None and request.made_at < ticket.by_hand_at
    )
    destination = manual_destination(ticket, department, MANUAL_CONFIDENCE, request.actor, request.team, directory)
    if outranked or not directory.accepts_tickets(department):
        reason = "a later routing stands" if outranked else "the department takes no tickets"
        entry = _entry(ticket, replace(destination, reason=reason), applied=False, rerouted=False)
        if request.revision <= ticket.request_revision or ticket.department is None:
            return Decision(ticket, entry, published=False)
        refused = ticket._replace(revision=ticket.revision + 1)
        return Decision(refused, entry, published=True, refused_request=request.revision)
    reason = "a person edited the ticket"
    if request.team is not None and request.team.team_id != destination.team_id:
        # The department is applied without the team: half of the request is better than nothing.
        reason = f"{reason}; team {request.team.team_id} can't be had there"
    destination = replace(destination, reason=reason)
    moved = ticket.department not in (None, department)
    routed = _routed(ticket._replace(request_revision=request.revision), destination, moved=moved, now=now)
    return Decision(routed, _entry(routed, destination, applied=True, rerouted=moved), published=True)


def route_manually(
    ticket: Ticket,
    *,
    department: str,
    confidence_score: float,
    actor: str,
    directory: Directory,
    now: datetime,
    reroute: bool,
    team: TeamChoice | None = None,
    requests_seen_up_to: int | None = None,
) -> Decision:
    """Route a ticket as a person decides. `reroute` marks it as rerouted even if this is its first routing.

    `requests_seen_up_to` is ticket-service's revision of the ticket after the person sent this: requests up to it are
    outranked, later ones are newer. None where ticket-service was unavailable; then the times decide.

    Raises DepartmentNotFound, DepartmentInactive, TeamNotFound, TeamInactive, TeamOfAnotherDepartment.
    """
    directory.check_accepts(department)
    if team is not None:
        directory.teams.check_eligible(team.team_id, department)
    destination = manual_destination(ticket, department, round(confidence_score, 2), actor, team, directory)
    moved = reroute or ticket.department not in (None, department)
    routed = _routed(ticket, destination, moved=moved, now=now)
    if requests_seen_up_to is None:
        routed = routed._replace(by_hand_at=now)
    else:
        routed = routed._replace(by_hand_at=None, request_revision=max(ticket.request_revision, requests_seen_up_to))
    return Decision(routed, _entry(routed, destination, applied=True, rerouted=moved), published=True)


def manual_destination(
    ticket: Ticket,
    department: str,
    confidence_score: float,
    actor: str,
    choice: TeamChoice | None,
    directory: Directory,
) -> Destination:
    """Return the destination that a person chose.

    Without a choice of team the ticket keeps its team if that is eligible in the department.
    """
    team = directory.teams.eligible(ticket.team_id if choice is None else choice.team_id, department)
    if choice is None:
        chosen = ticket.team_by_person and team is not None
    else:
        chosen = team is not None or choice.team_id is None
    return Destination(
        department=department,
        team_id=team.team_id if team else None,
        team=team.name if team else None,
        team_by_person=chosen,
        confidence_score=confidence_score,
        need_admin=False,
        decided_by=PERSON,
        actor=actor,
        reason="a person routed the ticket",
    )


def _allowed(directory: Directory, prediction: Prediction) -> Destination:
    """Return the predicted destination, limited to departments and teams that accept the ticket."""
    department, reason = prediction.department, prediction.reason
    refused = not directory.accepts_tickets(department)
    if refused:
        department, reason = GENERAL, f"{department} takes no tickets; {reason}"[:MAX_REASON_CHARACTERS]
    team = directory.teams.eligible(prediction.team_id, department)
    return Destination(
        department=department,
        team_id=team.team_id if team else None,
        team=team.name if team else None,
        team_by_person=False,
        confidence_score=round(prediction.confidence_score, 2),
        # A team reads its tickets, so an uncertain department needs no admin then.
        need_admin=refused or (prediction.need_admin and team is None),
        decided_by=prediction.decided_by,
        actor=prediction.actor,
        reason=reason,
    )


def _routed(ticket: Ticket, destination: Destination, *, moved: bool, now: datetime) -> Ticket:
    return ticket._replace(
        department=destination.department,
        team_id=destination.team_id,
        team=destination.team,
        team_by_person=destination.team_by_person,
        confidence_score=destination.confidence_score,
        need_admin=destination.need_admin,
        decided_by=destination.decided_by,
        reason=destination.reason,
        actor=destination.actor,
        rerouted=ticket.rerouted or moved,
        routed_at=now,
        routings=ticket.routings + 1,
        revision=ticket.revision + 1,
    )


def _entry(ticket: Ticket, destination: Destination, *, applied: bool, rerouted: bool) -> Routing:
    return Routing(
        ticket.company_id,
        ticket.ticket_id,
        destination.department,
        destination.team_id,
        destination.team,
        destination.confidence_score,
        destination.need_admin,
        destination.decided_by,
        destination.actor,
        destination.reason,
        applied,
        rerouted,
    )
