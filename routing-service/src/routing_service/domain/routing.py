"""Where a ticket goes when a machine answers, a person wishes or a person routes it.

Every function takes a ticket's state and returns a decision with the next one; a ticket that is gone goes nowhere.
"""

from dataclasses import replace
from datetime import datetime

from routing_service.domain.decision import Answer, Decision, Routing, Wish
from routing_service.domain.departments import GENERAL, Directory
from routing_service.domain.teams import TeamChoice
from routing_service.domain.ticket import Ticket, shown

PERSON = "person"
BY_HAND_CONFIDENCE = 100.0


def take_answer(ticket: Ticket, answer: Answer, directory: Directory, now: datetime) -> Decision | None:
    """Route a ticket as a machine answered, unless a person's routing or a newer answer stands.

    Then the answer is kept in the history only; of the first one a ticket that a person routed unread gets its category
    and priority. A department that takes no tickets becomes General, and somebody is asked to look; a team that takes
    none of that department is left out. Returns None for a ticket that is gone.
    """
    if ticket.gone:
        return None
    before = ticket
    answer = _within(directory, answer)
    late = answer.revision <= ticket.answer_revision
    if not late:
        ticket = ticket._replace(
            ticket_uuid=answer.ticket_uuid,
            answer_revision=answer.revision,
            category=answer.category,
            priority=ticket.priority if ticket.priority_given else answer.priority,
        )
    if ticket.decided_by == PERSON and before.answer_revision == 0 and not late:
        line = _line(ticket, answer, applied=False, rerouted=False)
        if shown(ticket) == shown(before):
            return Decision(ticket, line, announced=False)
        return Decision(ticket._replace(revision=ticket.revision + 1), line, announced=True)
    if late or ticket.decided_by == PERSON:
        return Decision(ticket, _line(ticket, answer, applied=False, rerouted=False), announced=False)
    moved = ticket.department not in (None, answer.department)
    routed = _routed(ticket, answer, moved=moved, now=now)
    line = _line(routed, answer, applied=True, rerouted=moved)
    if shown(routed) == shown(before):
        # Said again, it is one more line of the history but no news.
        return Decision(routed._replace(revision=before.revision), line, announced=False)
    return Decision(routed, line, announced=True)


def take_wish(ticket: Ticket, wish: Wish, directory: Directory, now: datetime) -> Decision | None:
    """Route a ticket as a person wished, unless a newer wish or a later routing by hand stands.

    A department that is gone meanwhile is refused, and so is a team; the history records it. The answer to a refused
    wish is announced too, because a caller may wait for it. Returns None for a ticket that is gone, and for a wish
    about the team alone of a ticket that is in no department yet.
    """
    department = wish.department or ticket.department
    if ticket.gone or department is None:
        return None
    outranked = wish.revision <= ticket.wish_revision or (
        ticket.by_hand_at is not None and wish.made_at < ticket.by_hand_at
    )
    answer = by_a_person(ticket, department, BY_HAND_CONFIDENCE, wish.actor, wish.team, directory)
    if outranked or not directory.takes(department):
        reason = "a later routing stands" if outranked else "the department takes no tickets"
        line = _line(ticket, replace(answer, reason=reason), applied=False, rerouted=False)
        if wish.revision <= ticket.wish_revision or ticket.department is None:
            return Decision(ticket, line, announced=False)
        return Decision(ticket._replace(revision=ticket.revision + 1), line, announced=True, answers=wish.revision)
    reason = "a person edited the ticket"
    if wish.team is not None and wish.team.team_id != answer.team_id:
        # The department is had all the same: half a wish is nearer to it than none.
        reason = f"{reason}; team {wish.team.team_id} can't be had there"
    moved = ticket.department not in (None, department)
    routed = _routed(ticket._replace(wish_revision=wish.revision), replace(answer, reason=reason), moved=moved, now=now)
    line = _line(routed, replace(answer, reason=reason), applied=True, rerouted=moved)
    return Decision(routed, line, announced=True)


def route_by_hand(
    ticket: Ticket,
    *,
    department: str,
    confidence_score: float,
    actor: str,
    directory: Directory,
    now: datetime,
    reroute: bool,
    team: TeamChoice | None = None,
    wishes_seen: int | None = None,
) -> Decision:
    """Route a ticket as a person says. `reroute` marks it as rerouted even if this is its first routing.

    `wishes_seen` is ticket-service's revision of the ticket after the person sent this: wishes up to it were made
    before and are outranked, later ones are newer. None where ticket-service could not be asked; then the time decides.

    Raises DepartmentNotFound, DepartmentInactive, TeamNotFound, TeamInactive, TeamElsewhere.
    """
    directory.expect(department)
    if team is not None:
        directory.teams.expect(team.team_id, department)
    answer = by_a_person(ticket, department, round(confidence_score, 2), actor, team, directory)
    moved = reroute or ticket.department not in (None, department)
    routed = _routed(ticket, answer, moved=moved, now=now)
    if wishes_seen is None:
        routed = routed._replace(by_hand_at=now)
    else:
        routed = routed._replace(by_hand_at=None, wish_revision=max(ticket.wish_revision, wishes_seen))
    return Decision(routed, _line(routed, answer, applied=True, rerouted=moved), announced=True)


def by_a_person(
    ticket: Ticket,
    department: str,
    confidence_score: float,
    actor: str,
    choice: TeamChoice | None,
    directory: Directory,
) -> Answer:
    """Put a person's choice in the form of an answer; category and priority stay what they are.

    Whoever says nothing about the team leaves the ticket with the one it has, if that fits the department.
    """
    team = directory.teams.fitting(ticket.team_id if choice is None else choice.team_id, department)
    if choice is None:
        chosen = ticket.team_by_person and team is not None
    else:
        chosen = team is not None or choice.team_id is None
    return Answer(
        revision=ticket.answer_revision,
        ticket_uuid=ticket.ticket_uuid or "",
        department=department,
        category=ticket.category,
        priority=ticket.priority,
        confidence_score=confidence_score,
        need_admin=False,
        decided_by=PERSON,
        actor=actor,
        reason="a person routed the ticket",
        team_id=team.team_id if team else None,
        team=team.name if team else None,
        team_by_person=chosen,
    )


def _within(directory: Directory, answer: Answer) -> Answer:
    """Keep an answer to the departments and teams that take tickets."""
    department, need_admin, reason = answer.department, answer.need_admin, answer.reason
    refused = not directory.takes(department)
    if refused:
        department, reason = GENERAL, f"{department} takes no tickets; {reason}"[:2000]
    team = directory.teams.fitting(answer.team_id, department)
    return replace(
        answer,
        department=department,
        team_id=team.team_id if team else None,
        team=team.name if team else None,
        confidence_score=round(answer.confidence_score, 2),
        # With a team there is somebody who looks at it, however unsure its department is.
        need_admin=refused or (need_admin and team is None),
        reason=reason,
    )


def _routed(ticket: Ticket, answer: Answer, *, moved: bool, now: datetime) -> Ticket:
    return ticket._replace(
        department=answer.department,
        team_id=answer.team_id,
        team=answer.team,
        team_by_person=answer.team_by_person,
        confidence_score=answer.confidence_score,
        need_admin=answer.need_admin,
        decided_by=answer.decided_by,
        reason=answer.reason,
        actor=answer.actor,
        rerouted=ticket.rerouted or moved,
        routed_at=now,
        routings=ticket.routings + 1,
        revision=ticket.revision + 1,
    )


def _line(ticket: Ticket, answer: Answer, *, applied: bool, rerouted: bool) -> Routing:
    return Routing(
        ticket.company_id,
        ticket.ticket_id,
        answer.department,
        answer.team_id,
        answer.team,
        answer.confidence_score,
        answer.need_admin,
        answer.decided_by,
        answer.actor,
        answer.reason,
        applied,
        rerouted,
    )
