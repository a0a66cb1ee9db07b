"""The changes that connected clients receive, and whom each concerns: ids, kinds and versions, never a text."""

from collections.abc import Collection
from dataclasses import dataclass

STAFF = "staff"
"""In an audience: everybody who sees all tickets of the company."""
ASSIGNED, SOLUTION, APPROVAL, CLOCK = "assigned", "solution", "approval", "clock"
COMMENTED, COMMENT_UPDATED, COMMENT_DELETED = "commented", "comment_updated", "comment_deleted"
CREATED, UPDATED, STATUS, ROUTED, DELETED = "created", "updated", "status", "routed", "deleted"
NOTIFICATION, TYPING, STILL = "notification", "typing", "still"
KINDS = {
    "ticket.created": CREATED,
    "ticket.updated": UPDATED,
    "ticket.status.updated": STATUS,
    "ticket.routed": ROUTED,
    "ticket.assigned": ASSIGNED,
    "ticket.commented": COMMENTED,
    "ticket.comment.updated": COMMENT_UPDATED,
    "ticket.comment.deleted": COMMENT_DELETED,
    "ticket.solution.proposed": SOLUTION,
    "task.approval.requested": APPROVAL,
    "sla.warning": CLOCK,
    "sla.breached": CLOCK,
    "ticket.deleted": DELETED,
}
SHOWN_TO_REQUESTERS = frozenset(
    {CREATED, UPDATED, STATUS, ROUTED, COMMENTED, COMMENT_UPDATED, COMMENT_DELETED, DELETED}
)
"""Requesters see neither tasks and their clocks nor proposals."""


@dataclass(frozen=True)
class Change:
    """A change to announce in a room, such as `ticket:42`, to the audience alone."""

    company_id: int
    room: str
    audience: tuple[str, ...]
    kinds: tuple[str, ...]
    version: int
    item_id: int | None = None
    """The number of the comment, the notification, or the person who types."""


@dataclass(frozen=True)
class Viewer:
    """A person who is connected; `user_id` is None for a program without an account."""

    company_id: int
    user_id: int | None
    is_staff: bool

    def sees(self, audience: Collection[str]) -> bool:
        """Return whether the person belongs to an audience."""
        return (self.is_staff and STAFF in audience) or (self.user_id is not None and person(self.user_id) in audience)


def ticket_room(ticket_id: int) -> str:
    """Return the room of a ticket."""
    return f"ticket:{ticket_id}"


def person(user_id: int) -> str:
    """Return a person's room, and the person's name in an audience."""
    return f"user:{user_id}"


def of_ticket(
    company_id: int,
    ticket_id: int,
    requester_id: int | None,
    event_type: str,
    version: int,
    *,
    comment_id: int | None = None,
    internal: bool = False,
) -> Change:
    """Return the change that an event of a ticket announces. The requester learns nothing of an internal note."""
    kind = KINDS[event_type]
    shown = requester_id is not None and kind in SHOWN_TO_REQUESTERS and not internal
    audience = (STAFF, person(requester_id)) if shown and requester_id is not None else (STAFF,)
    return Change(company_id, ticket_room(ticket_id), audience, (kind,), version, comment_id)


def of_notification(company_id: int, user_id: int, notification_id: int) -> Change:
    """Return the change that a new notification announces: to its person alone."""
    return Change(
        company_id, person(user_id), (person(user_id),), (NOTIFICATION,), notification_id, notification_id
    )  # fmt: skip


def of_typing(company_id: int, ticket_id: int, user_id: int, *, typing: bool) -> Change:
    """Return the change that a person who writes announces: to the staff alone."""
    return Change(company_id, ticket_room(ticket_id), (STAFF,), (TYPING if typing else STILL,), 0, user_id)
