"""The fields of ticket events that this service uses, and their meaning for the counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from analytics_service.domain.state import Kind, Status, TicketEvent, hundredths


class TicketEventView(Protocol):
    """The fields of one ticket event."""

    @property
    def ticket_id(self) -> int:
        """Return the ticket's number."""

    def to_event(self, revision: int) -> TicketEvent:
        """Return the event as the counts need it."""


@dataclass(frozen=True)
class Created:
    """The fields of `ticket.created` that this service uses."""

    ticket_id: int
    created_at: str

    def to_event(self, revision: int) -> TicketEvent:
        """Return the event as the counts need it."""
        return TicketEvent(Kind.CREATED, revision, datetime.fromisoformat(self.created_at), status=Status.PENDING)


@dataclass(frozen=True)
class Updated:
    """The fields of `ticket.updated` that this service uses; the event carries the whole ticket, so the status too."""

    ticket_id: int
    status: str
    updated_at: str

    def to_event(self, revision: int) -> TicketEvent:
        """Return the event as the counts need it."""
        at = datetime.fromisoformat(self.updated_at)
        return TicketEvent(Kind.UPDATED, revision, at, status=Status(self.status))


@dataclass(frozen=True)
class StatusUpdated:
    """The fields of `ticket.status.updated` that this service uses."""

    ticket_id: int
    status: str
    updated_at: str

    def to_event(self, revision: int) -> TicketEvent:
        """Return the event as the counts need it."""
        at = datetime.fromisoformat(self.updated_at)
        return TicketEvent(Kind.STATUS_UPDATED, revision, at, status=Status(self.status))


@dataclass(frozen=True)
class Categorized:
    """The fields of `ticket.categorized` that this service uses; the department follows from `ticket.routed` only."""

    ticket_id: int
    department: str
    confidence_score: float
    need_admin: bool
    decided_by: str
    categorized_at: str

    def to_event(self, revision: int) -> TicketEvent:
        """Return the event as the counts need it."""
        return TicketEvent(
            Kind.CATEGORIZED,
            revision,
            datetime.fromisoformat(self.categorized_at),
            department=self.department,
            confidence=hundredths(self.confidence_score),
            need_admin=self.need_admin,
            decided_by=self.decided_by,
        )


@dataclass(frozen=True)
class Routed:
    """The fields of `ticket.routed` that this service uses."""

    ticket_id: int
    department: str
    confidence_score: float
    need_admin: bool
    rerouted: bool
    decided_by: str
    routed_at: str

    def to_event(self, revision: int) -> TicketEvent:
        """Return the event as the counts need it."""
        return TicketEvent(
            Kind.ROUTED,
            revision,
            datetime.fromisoformat(self.routed_at),
            department=self.department,
            confidence=hundredths(self.confidence_score),
            need_admin=self.need_admin,
            rerouted=self.rerouted,
            decided_by=self.decided_by,
        )


@dataclass(frozen=True)
class Deleted:
    """The fields of `ticket.deleted` that this service uses."""

    ticket_id: int
    deleted_at: str

    def to_event(self, revision: int) -> TicketEvent:
        """Return the event as the counts need it."""
        return TicketEvent(Kind.DELETED, revision, datetime.fromisoformat(self.deleted_at))


VIEWS: dict[str, type[TicketEventView]] = {
    "ticket.created": Created,
    "ticket.updated": Updated,
    "ticket.status.updated": StatusUpdated,
    "ticket.categorized": Categorized,
    "ticket.routed": Routed,
    "ticket.deleted": Deleted,
}
