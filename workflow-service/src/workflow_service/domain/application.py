"""The application of a new policy to open tasks: a changed calendar, or the targets of a workflow's newest version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow_service.domain.clocks import Clock
from workflow_service.domain.policy import POLICY

PENDING, DONE = "pending", "done"


class ApplicationNotFound(Exception):
    """The company has no such application of a policy."""

    def __init__(self, application_id: int) -> None:
        super().__init__(f"there is no application {application_id}")


@dataclass(frozen=True)
class Target:
    """The versions that open tasks get: a workflow's with its calendar's, or a calendar's alone."""

    workflow_id: int | None
    workflow_version: int | None
    calendar_id: int | None
    calendar_version: int | None


@dataclass(frozen=True, kw_only=True)
class Application:
    """An application of a policy as stored. `tasks` got it, and `moved` of them show other due dates."""

    company_id: int
    id: int
    workflow_id: int | None
    workflow_version: int | None
    calendar_id: int | None
    calendar_version: int | None
    state: str
    after_task: int
    tasks: int
    moved: int
    created_at: datetime
    finished_at: datetime | None

    @property
    def target(self) -> Target:
        """Return the versions that open tasks get."""
        return Target(self.workflow_id, self.workflow_version, self.calendar_id, self.calendar_version)


@dataclass(frozen=True)
class MovedClock:
    """A clock that a policy would move. A due date is None for a paused clock, and for one that would end."""

    clock: str
    step: str
    due_at: datetime | None
    new_due_at: datetime | None
    is_breached: bool
    """Whether its time would be over at once."""


def moved_clocks(before: Sequence[Clock], after: Sequence[Clock], now: datetime) -> list[MovedClock]:
    """Return the clocks that differ after a policy is applied at `now`."""
    old = {(clock.kind, clock.opened_at): clock for clock in before}
    found = []
    for clock in after:
        earlier = old.get((clock.kind, clock.opened_at))
        if earlier == clock:
            continue
        is_breached = any(breach.reason == POLICY and breach.at == now for breach in clock.breaches)
        ends = clock.ended_at is not None
        due_at = None if earlier is None else earlier.due_at
        new_due_at = None if ends else clock.due_at
        if due_at != new_due_at or is_breached:
            found.append(MovedClock(clock.kind, clock.step, due_at, new_due_at, is_breached))
    return found
