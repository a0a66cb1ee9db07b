"""Where a ticket is, put together from events in whatever order and however often they come.

Every field is either the value of the highest revision seen, the earliest moment seen, or a flag that stays set. All
three give the same result in any order and when repeated, so nothing has to wait for a gap.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """Where people are with a ticket."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"


DONE = frozenset({Status.RESOLVED, Status.CLOSED})


class Kind(StrEnum):
    """What can happen to a ticket."""

    CREATED = "ticket.created"
    UPDATED = "ticket.updated"
    STATUS_UPDATED = "ticket.status.updated"
    CATEGORIZED = "ticket.categorized"
    ROUTED = "ticket.routed"
    DELETED = "ticket.deleted"


class Fact(NamedTuple):
    """What one event says, as far as figures are concerned; `confidence` in hundredths of a percent."""

    kind: Kind
    revision: int
    at: datetime
    status: str | None = None
    department: str | None = None
    confidence: int | None = None
    need_admin: bool | None = None
    rerouted: bool | None = None
    decided_by: str | None = None


class TicketState(NamedTuple):
    """What is known of a ticket. It is counted once its creation is known and until it is gone.

    A named tuple, because every event makes one or two: replacing fields of a dataclass costs ten times as much.
    """

    company_id: int
    ticket_id: int
    created_at: datetime | None = None
    status: str = Status.PENDING
    status_revision: int = 0
    department: str | None = None
    confidence: int | None = None
    need_admin: bool = True
    rerouted: bool = False
    routed_revision: int = 0
    first_routed_at: datetime | None = None
    answer_confidence: int | None = None
    answer_revision: int = 0
    first_resolved_at: datetime | None = None
    gone: bool = False


def hundredths(percent: float) -> int:
    """Return a percentage as a whole number, so that sums of many stay exact."""
    return round(percent * 100)


def take(state: TicketState, fact: Fact) -> TicketState:
    """Return the state after one more fact."""
    if state.gone:
        return state
    match fact.kind:
        case Kind.DELETED:
            return TicketState(state.company_id, state.ticket_id, gone=True)
        case Kind.CREATED:
            return _with_status(state._replace(created_at=fact.at), fact)
        case Kind.UPDATED | Kind.STATUS_UPDATED:
            return _with_status(state, fact)
        case Kind.CATEGORIZED:
            return _with_answer(state, fact)
        case Kind.ROUTED:
            return _with_routing(state, fact)


def _with_status(state: TicketState, fact: Fact) -> TicketState:
    """Statuses come in three kinds of events, but of one producer, whose revisions put them in order."""
    if fact.status in DONE:
        state = state._replace(first_resolved_at=_earlier(state.first_resolved_at, fact.at))
    if fact.revision <= state.status_revision:
        return state
    return state._replace(status=fact.status or Status.PENDING, status_revision=fact.revision)


def _with_answer(state: TicketState, fact: Fact) -> TicketState:
    if fact.revision <= state.answer_revision:
        return state
    return state._replace(answer_confidence=fact.confidence, answer_revision=fact.revision)


def _with_routing(state: TicketState, fact: Fact) -> TicketState:
    state = state._replace(first_routed_at=_earlier(state.first_routed_at, fact.at))
    if fact.revision <= state.routed_revision:
        return state
    return state._replace(
        department=fact.department,
        confidence=fact.confidence,
        need_admin=bool(fact.need_admin),
        rerouted=bool(fact.rerouted),
        routed_revision=fact.revision,
    )


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)
