"""A ticket and what a person's edit makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from ticket_service.domain import lifecycle
from ticket_service.domain.errors import StaleVersion, VersionConflict
from ticket_service.domain.words import PERSON, UNREAD_CATEGORY, Priority, Run, Status


@dataclass(frozen=True)
class Expected:
    """Which version a caller believes to change; None and an empty field expect nothing."""

    if_match: frozenset[int] | None = None
    version: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """A ticket as it is stored.

    `version` grows with people's changes and is the ETag; `revision` numbers the events that announce the ticket.
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
    twin_key: UUID | None = None
    twin_number: int = 0
    version: int = 1
    revision: int = 1
    routed_revision: int = 0
    routed_at: datetime | None = None

    def opening(self) -> dict[str, str]:
        """Tell what its trail begins with."""
        return {"status": self.status.value, "priority": self.priority.value}

    def expect(self, expected: Expected) -> None:
        """Raise StaleVersion (`If-Match`) or VersionConflict (`version`) unless this is the version expected."""
        if expected.if_match is not None and self.version not in expected.if_match:
            raise StaleVersion(self.version)
        if expected.version is not None and self.version != expected.version:
            raise VersionConflict(self.version)


@dataclass(frozen=True)
class Edit:
    """What a person wants a ticket to be; None leaves a field as it is."""

    title: str | None = None
    description: str | None = None
    priority: Priority | None = None
    status: Status | None = None
    department: str | None = None


@dataclass(frozen=True)
class Edited:
    """A ticket after an edit. `changed` names the fields that differ; `wanted_department` is a wish, not yet true."""

    ticket: Ticket
    changed: tuple[str, ...]
    moved: bool
    wanted_department: str | None


def edited(ticket: Ticket, edit: Edit) -> Edited:
    """Apply an edit; raise IllegalMove where its status may not follow.

    What is the same already is no change. A department that a machine chose is still wished for by naming it: from
    then on it is a person's routing.
    """
    wanted: dict[str, Any] = {
        name: value
        for name, value in (("title", edit.title), ("description", edit.description))
        if value is not None and value != getattr(ticket, name)
    }
    if edit.priority is not None and (edit.priority is not ticket.priority or not ticket.priority_given):
        wanted |= {"priority": edit.priority, "priority_given": True}
    moved = edit.status is not None and lifecycle.move(ticket.status, edit.status)
    wish = edit.department
    if wish == ticket.department and ticket.decided_by == PERSON:
        wish = None
    changed = [name for name in wanted if name != "priority_given"]
    if wish is not None:
        changed.append("department")
    if moved:
        wanted["status"] = edit.status
    return Edited(replace(ticket, **wanted), tuple(changed), moved, wish)


@dataclass(frozen=True)
class Draft:
    """A ticket as it was handed in; no priority means that machines may choose one."""

    title: str
    description: str
    user_name: str
    user_email: str
    priority: Priority | None = None
    metadata: Mapping[str, Any] | None = None
