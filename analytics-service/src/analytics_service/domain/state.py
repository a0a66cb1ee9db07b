"""A ticket's state, computed from events in any order and with repetitions.

Every field is either the value of the highest revision, the earliest time, or a flag that stays set. All three give the
same result in any order and when repeated, so no event waits for a missing one.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """The progress of people's work on a ticket."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"


DONE = frozenset({Status.RESOLVED, Status.CLOSED})


class Kind(StrEnum):
    """The types of ticket events."""

    CREATED = "ticket.created"
    UPDATED = "ticket.updated"
    STATUS_UPDATED = "ticket.status.updated"
    CATEGORIZED = "ticket.categorized"
    ROUTED = "ticket.routed"
    DELETED = "ticket.deleted"


class TicketEvent(NamedTuple):
    """The values of one event that count; `confidence` in hundredths of a percent."""

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
    """A ticket's state. The ticket counts from the event of its creation until that of its deletion.

    It is a named tuple because every event creates one or two: replacing fields of a dataclass takes ten times as long.
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
    prediction_revision: int = 0
    first_resolved_at: datetime | None = None
    gone: bool = False


def hundredths(percent: float) -> int:
    """Return a percentage in hundredths, as an integer, so that sums stay exact."""
    return round(percent * 100)


def apply_event(state: TicketState, event: TicketEvent) -> TicketState:
    """Return the state after one more event; a deleted ticket's state never changes."""
    if state.gone:
        return state
    match event.kind:
        case Kind.DELETED:
            return TicketState(state.company_id, state.ticket_id, gone=True)
        case Kind.CREATED:
            return _with_status(state._replace(created_at=event.at), event)
        case Kind.UPDATED | Kind.STATUS_UPDATED:
            return _with_status(state, event)
        case Kind.CATEGORIZED:
            return _with_answer(state, event)
        case Kind.ROUTED:
            return _with_routing(state, event)


def _with_status(state: TicketState, event: TicketEvent) -> TicketState:
    """Return the state after an event with a status; the revisions of ticket-service order its three event types."""
    if event.status in DONE:
        state = state._replace(first_resolved_at=_earlier(state.first_resolved_at, event.at))
    if event.revision <= state.status_revision:
        return state
    return state._replace(status=event.status or Status.PENDING, status_revision=event.revision)


def _with_answer(state: TicketState, event: TicketEvent) -> TicketState:
    if event.revision <= state.prediction_revision:
        return state
    return state._replace(answer_confidence=event.confidence, prediction_revision=event.revision)


def _with_routing(state: TicketState, event: TicketEvent) -> TicketState:
    state = state._replace(first_routed_at=_earlier(state.first_routed_at, event.at))
    if event.revision <= state.routed_revision:
        return state
    return state._replace(
        department=event.department,
        confidence=event.confidence,
        need_admin=bool(event.need_admin),
        rerouted=bool(event.rerouted),
        routed_revision=event.revision,
    )


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)
