"""The fields of the events of tickets, their tasks and clocks that this service uses."""

from dataclasses import dataclass, field
from typing import Any, Literal

from eventbus.subscription import Delivery
from projection_kit.locked_rows import Key


@dataclass(frozen=True)
class Created:
    """The fields of `ticket.created` that this service uses."""

    ticket_id: int
    requester: str | None = None


@dataclass(frozen=True)
class Assigned:
    """The fields of `ticket.assigned` that this service uses."""

    ticket_id: int
    assignee: str | None
    status: str
    priority: str
    due: str | None
    actor: str
    team_id: int | None = None
    action: str = ""


@dataclass(frozen=True)
class Commented:
    """The fields of `ticket.commented` that this service uses; not the text."""

    ticket_id: int
    comment_id: int
    author: str
    internal: bool
    mentions: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class CommentUpdated:
    """The fields of `ticket.comment.updated` that this service uses."""

    ticket_id: int
    comment_id: int
    internal: bool


@dataclass(frozen=True)
class CommentDeleted:
    """The fields of `ticket.comment.deleted` that this service uses."""

    ticket_id: int
    comment_id: int
    internal: bool


@dataclass(frozen=True)
class SolutionProposed:
    """The fields of `ticket.solution.proposed` that this service uses; of the steps their number alone is stored."""

    ticket_id: int
    steps: list[dict[str, Any]]


@dataclass(frozen=True)
class ApprovalRequested:
    """The fields of `task.approval.requested` that this service uses."""

    ticket_id: int
    step: str
    leads: list[str]
    actor: str


@dataclass(frozen=True)
class ClockEvent:
    """The fields of `sla.warning` and `sla.breached` that this service uses."""

    ticket_id: int
    clock: Literal["first_response", "next_response", "resolution", "step"]
    assignee: str | None
    due_at: str


@dataclass(frozen=True)
class Changed:
    """The fields of `ticket.updated`, `ticket.status.updated` and `ticket.routed` that this service uses."""

    ticket_id: int


@dataclass(frozen=True)
class Deleted:
    """The fields of `ticket.deleted` that this service uses."""

    ticket_id: int


TicketEvent = (
    Created
    | Assigned
    | Commented
    | CommentUpdated
    | CommentDeleted
    | SolutionProposed
    | ApprovalRequested
    | ClockEvent
    | Changed
    | Deleted
)
VIEWS: dict[str, type[TicketEvent]] = {
    "ticket.created": Created,
    "ticket.updated": Changed,
    "ticket.status.updated": Changed,
    "ticket.routed": Changed,
    "ticket.assigned": Assigned,
    "ticket.commented": Commented,
    "ticket.comment.updated": CommentUpdated,
    "ticket.comment.deleted": CommentDeleted,
    "ticket.solution.proposed": SolutionProposed,
    "task.approval.requested": ApprovalRequested,
    "sla.warning": ClockEvent,
    "sla.breached": ClockEvent,
    "ticket.deleted": Deleted,
}


def key_of(delivery: Delivery[TicketEvent]) -> Key:
    """Return the company and the ticket of an event."""
    return delivery.envelope.company_id, delivery.body.ticket_id
