"""Where a ticket is, and what happens to it when a machine answers, a person wishes, or somebody edits it.

Every function takes a state and returns the next one; a ticket that is gone never changes again.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from routing_service.domain.departments import GENERAL, Directory

PERSON = "person"
BY_HAND_CONFIDENCE = 100.0
UNREAD_CATEGORY = "back"
"""The category of a ticket that nothing has read yet."""


class Ticket(NamedTuple):
    """What this service knows of a ticket. `department` is None until it is routed.

    A named tuple, because every event makes two or three: replacing fields of a dataclass costs ten times as much.
    """

    company_id: int
    ticket_id: int
    ticket_uuid: str | None = None
    category: str = UNREAD_CATEGORY
    priority: str = "low"
    priority_given: bool = False
    department: str | None = None
    confidence_score: float = 0.0
    need_admin: bool = True
    decided_by: str | None = None
    reason: str = ""
    actor: str = ""
    rerouted: bool = False
    """It was sent to another department after it had been routed, or a person rerouted it."""
    routed_at: datetime | None = None
    routings: int = 0
    """How many routings were carried out."""
    revision: int = 0
    """Of the last `ticket.routed`."""
    answer_revision: int = 0
    """Of the newest machine's answer."""
    edit_revision: int = 0
    """Of the newest edit: priorities come from it alone."""
    wish_revision: int = 0
    """Of the newest wish carried out. An edit without a wish doesn't take an earlier wish back."""
    by_hand_at: datetime | None = None
    """When a person last routed it here, at this service."""
    gone: bool = False


@dataclass(frozen=True)
class Routing:
    """One decision about a ticket, as its history keeps it; `applied` tells whether it was carried out."""

    company_id: int
    ticket_id: int
    department: str
    confidence_score: float
    need_admin: bool
    decided_by: str
    actor: str
    reason: str
    applied: bool
    rerouted: bool


@dataclass(frozen=True)
class Decision:
    """The state after a decision, its line in the history, and whether there is something to announce."""

    ticket: Ticket
    routing: Routing
    announced: bool


@dataclass(frozen=True)
class Answer:
    """Where a machine would send a ticket."""

    revision: int
    ticket_uuid: str
    department: str
    category: str
    priority: str
    confidence_score: float
    need_admin: bool
    decided_by: str
    actor: str
    reason: str


@dataclass(frozen=True)
class Wish:
    """The department that a person asked for when editing a ticket."""

    revision: int
    department: str
    actor: str
    made_at: datetime


def learn(ticket: Ticket, *, ticket_uuid: str, category: str, priority: str) -> Ticket:
    """Take in what was known when a ticket was created; what was learned since outranks it."""
    if ticket.gone:
        return ticket
    ticket = ticket._replace(ticket_uuid=ticket_uuid)
    if ticket.answer_revision == 0:
        ticket = ticket._replace(category=category)
        if ticket.edit_revision == 0:
            ticket = ticket._replace(priority=priority)
    return ticket


def take_edit(ticket: Ticket, *, revision: int, ticket_uuid: str, priority: str, priority_given: bool) -> Ticket:
    """Take in a person's edit; an older one than the newest known changes nothing."""
    if ticket.gone or revision <= ticket.edit_revision:
        return ticket
    ticket = ticket._replace(ticket_uuid=ticket_uuid, edit_revision=revision, priority_given=priority_given)
    if priority_given or ticket.answer_revision == 0:
        ticket = ticket._replace(priority=priority)
    return ticket


def take_answer(ticket: Ticket, answer: Answer, directory: Directory, now: datetime) -> Decision | None:
    """Route a ticket as a machine answered, unless a person's routing or a newer answer stands.

    Then the answer is kept in the history only. A department that takes no tickets becomes General, and somebody is
    asked to look. Returns None for a ticket that is gone.
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
    """Carry out a person's wish, unless a newer wish or a later routing by hand stands.

    A department that is gone meanwhile can't be had; the history tells. Returns None for a ticket that is gone.
    """
    if ticket.gone:
        return None
    outranked = wish.revision <= ticket.wish_revision or (
        ticket.by_hand_at is not None and wish.made_at < ticket.by_hand_at
    )
    if outranked or not directory.takes(wish.department):
        reason = "a later routing stands" if outranked else "the department takes no tickets"
        answer = by_a_person(ticket, wish.department, BY_HAND_CONFIDENCE, wish.actor, reason)
        return Decision(ticket, _line(ticket, answer, applied=False, rerouted=False), announced=False)
    ticket = ticket._replace(wish_revision=wish.revision)
    answer = by_a_person(ticket, wish.department, BY_HAND_CONFIDENCE, wish.actor, "a person edited the ticket")
    moved = ticket.department not in (None, wish.department)
    routed = _routed(ticket, answer, moved=moved, now=now)
    return Decision(routed, _line(routed, answer, applied=True, rerouted=moved), announced=True)


def route_by_hand(
    ticket: Ticket,
    *,
    department: str,
    confidence_score: float,
    actor: str,
    directory: Directory,
    now: datetime,
    reroute: bool,
) -> Decision:
    """Route a ticket as a person says. `reroute` marks it as rerouted even if this is its first routing.

    Raises DepartmentNotFound, DepartmentInactive.
    """
    directory.expect(department)
    answer = by_a_person(ticket, department, round(confidence_score, 2), actor, "a person routed the ticket")
    moved = reroute or ticket.department not in (None, department)
    routed = _routed(ticket, answer, moved=moved, now=now)._replace(by_hand_at=now)
    return Decision(routed, _line(routed, answer, applied=True, rerouted=moved), announced=True)


def shown(ticket: Ticket) -> tuple[object, ...]:
    """Return what `ticket.routed` tells of a ticket, but for the time."""
    return (
        ticket.department,
        ticket.category,
        ticket.priority,
        ticket.confidence_score,
        ticket.need_admin,
        ticket.decided_by,
        ticket.reason,
        ticket.rerouted,
        ticket.actor,
    )


def forget(ticket: Ticket) -> Ticket:
    """Leave nothing of a ticket but that it is gone."""
    return Ticket(ticket.company_id, ticket.ticket_id, revision=ticket.revision, gone=True)


def by_a_person(ticket: Ticket, department: str, confidence_score: float, actor: str, reason: str) -> Answer:
    """Put a person's choice in the form of an answer; category and priority stay what they are."""
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
        reason=reason,
    )


def _within(directory: Directory, answer: Answer) -> Answer:
    answer = replace(answer, confidence_score=round(answer.confidence_score, 2))
    if directory.takes(answer.department):
        return answer
    reason = f"{answer.department} takes no tickets; {answer.reason}"[:2000]
    return replace(answer, department=GENERAL, need_admin=True, reason=reason)


def _routed(ticket: Ticket, answer: Answer, *, moved: bool, now: datetime) -> Ticket:
    return ticket._replace(
        department=answer.department,
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
        answer.confidence_score,
        answer.need_admin,
        answer.decided_by,
        answer.actor,
        answer.reason,
        applied,
        rerouted,
    )
