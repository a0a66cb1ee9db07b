"""A ticket, and the version of it that a caller expects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ticket_service.domain.enums import UNREAD_CATEGORY, Priority, Run, Status
from ticket_service.domain.errors import StaleVersion, VersionConflict
from ticket_service.domain.ticket_number import ticket_number


@dataclass(frozen=True)
class Expected:
    """The version that a caller expects to change; None expects nothing."""

    if_match: frozenset[str] | None = None
    version: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """A stored ticket.

    `version` grows with every change and is the ETag; `edited_version` is the version since a person last changed the
    ticket: later versions differ by what machines did. `category_given` and `priority_given` mark what the caller or a
    person gave: predictions don't change it. `external_ticket_id` is the ticket's id in the system that sent it.
    `revision` numbers the ticket's events. `request_revision` is
    the revision of the newest event with a routing request, `request_answered` that of the newest request that the
    shown routing answers. `duplicate_key` is the key that duplicates share, `duplicate_number` counts them. `unread` is
    set where the ticket was read for a person who has not read it.
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
    category_given: bool = False
    sub_category: str | None = None
    external_ticket_id: str | None = None
    department: str | None = None
    confidence_score: float | None = None
    need_admin: bool = True
    team_id: int | None = None
    team: str | None = None
    assignee: str | None = None
    task: Mapping[str, Any] | None = None
    task_revision: int = 0
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
    edited_version: int = 1
    revision: int = 1
    routed_revision: int = 0
    request_revision: int = 0
    request_answered: int = 0
    routed_at: datetime | None = None
    unread: bool = False

    @property
    def number(self) -> str:
        """Return the number that people quote: `TX`, the day of creation, and six digits."""
        return ticket_number(self.created_at, self.id)

    def initial_trail_values(self) -> dict[str, str]:
        """Return the values of the trail's first entry."""
        return {"status": self.status.value, "priority": self.priority.value}

    def check_version(self, expected: Expected) -> None:
        """Raise StaleVersion (`If-Match`) or VersionConflict (`version`) where a person has changed what is expected.

        Changes by machines, such as a routing, don't count: they come at any time, and no change of a person's undoes
        them unnoticed.
        """
        unedited = range(self.edited_version, self.version + 1)
        if expected.if_match is not None and expected.if_match.isdisjoint(map(str, unedited)):
            raise StaleVersion(self.version)
        if expected.version is not None and expected.version not in unedited:
            raise VersionConflict(self.version)


@dataclass(frozen=True)
class Draft:
    """A ticket as it was submitted; without a category or a priority a model may choose one."""

    title: str
    description: str
    user_name: str | None
    user_email: str | None
    customer_id: str | None = None
    priority: Priority | None = None
    metadata: Mapping[str, Any] | None = None
    category: str | None = None
    sub_category: str | None = None
    external_ticket_id: str | None = None
