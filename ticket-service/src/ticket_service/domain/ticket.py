"""A ticket, and the version of it that a caller expects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ticket_service.domain.enums import UNREAD_CATEGORY, Priority, Run, Status
from ticket_service.domain.errors import StaleVersion, VersionConflict


@dataclass(frozen=True)
class Expected:
    """The version that a caller expects to change; None expects nothing."""

    if_match: frozenset[int] | None = None
    version: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """A stored ticket.

    `version` grows with people's changes and is the ETag; `revision` numbers the ticket's events. `request_revision`
    is the revision of the newest event with a routing request, `request_answered` that of the newest request that the
    shown routing answers. `duplicate_key` is the key that duplicates share, `duplicate_number` counts them.
    """

    id: int
    uuid: UUID
    company_id: int
    title: str
    description: str
    priority: Priority
    priority_given: bool
    created_at: datetime
    updated_at: datetime
    user_name: str | None = None
    user_email: str | None = None
    customer_id: str | None = None
    category: str = UNREAD_CATEGORY
    department: str | None = None
    confidence_score: float | None = None
    need_admin: bool = True
    team_id: int | None = None
    team: str | None = None
    assignee: str | None = None
    decided_by: str | None = None
    reason: str | None = None
    status: Status = Status.PENDING
    run: Run = Run.PENDING
    metadata: Mapping[str, Any] | None = None
    solution_steps: list[Any] | None = None
    solution_confidence: float | None = None
    solution_mode: str | None = None
    duplicate_key: UUID | None = None
    duplicate_number: int = 0
    version: int = 1
    revision: int = 1
    routed_revision: int = 0
    request_revision: int = 0
    request_answered: int = 0
    routed_at: datetime | None = None

    def initial_trail_values(self) -> dict[str, str]:
        """Return the values of the trail's first entry."""
        return {"status": self.status.value, "priority": self.priority.value}

    def check_version(self, expected: Expected) -> None:
        """Raise StaleVersion (`If-Match`) or VersionConflict (`version`) unless this is the version expected."""
        if expected.if_match is not None and self.version not in expected.if_match:
            raise StaleVersion(self.version)
        if expected.version is not None and self.version != expected.version:
            raise VersionConflict(self.version)


@dataclass(frozen=True)
class Draft:
    """A ticket as it was submitted; without a priority a model may choose one."""

    title: str
    description: str
    user_name: str | None
    user_email: str | None
    customer_id: str | None = None
    priority: Priority | None = None
    metadata: Mapping[str, Any] | None = None
