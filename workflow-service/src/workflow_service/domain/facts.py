"""The facts about a ticket on which its clocks depend, in the order of their own times and not of their arrival."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow_service.domain.calendar import Pause, joined

ON_HOLD = "on_hold"
FINISHED = ("resolved", "closed")
REQUESTER, AGENT, MACHINE = "requester", "agent", "machine"
AUTHOR_KINDS = (REQUESTER, AGENT, MACHINE)


@dataclass(frozen=True)
class StatusChange:
    """The ticket moved to a status; `revision` orders changes of the same instant."""

    at: datetime
    revision: int
    status: str


@dataclass(frozen=True)
class PriorityChange:
    """The ticket got a priority: from a person, or from a prediction, which has the revision 0."""

    at: datetime
    revision: int
    priority: str


@dataclass(frozen=True)
class Comment:
    """A comment, at the time of sending."""

    at: datetime
    author_kind: str
    internal: bool = False


@dataclass(frozen=True)
class StepVisit:
    """The task's time at a step. `share` is the part of the target that may have passed when it leaves."""

    step: str
    entered_at: datetime
    share: float
    left_at: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """All facts about a ticket and its task."""

    start: datetime
    priority: str
    """The priority at the start."""
    priorities: Sequence[PriorityChange] = ()
    statuses: Sequence[StatusChange] = ()
    comments: Sequence[Comment] = ()
    visits: Sequence[StepVisit] = ()
    completions: Sequence[Pause] = ()
    """The times in which the task was completed."""

    def holds(self) -> list[Pause]:
        """Return the times on hold."""
        return list(_times_in(self.statuses, (ON_HOLD,)))

    def finished(self) -> list[Pause]:
        """Return the times in which the ticket was resolved or closed, or its task completed."""
        return joined([*_times_in(self.statuses, FINISHED), *self.completions])

    def periods(self) -> list[tuple[datetime, str]]:
        """Return since when which priority holds, the first one since the start; a person's overrides predictions."""
        periods = [(self.start, self.priority)]
        by_person = False
        for change in sorted(self.priorities, key=lambda change: (change.at, change.revision)):
            if by_person and not change.revision:
                continue
            by_person = by_person or bool(change.revision)
            if change.at <= periods[-1][0]:
                periods[-1] = (periods[-1][0], change.priority)
            elif change.priority != periods[-1][1]:
                periods.append((change.at, change.priority))
        return periods


def _times_in(changes: Sequence[StatusChange], wanted: Sequence[str]) -> Iterator[Pause]:
    """Yield the times in which the status was one of those wanted."""
    since: datetime | None = None
    for change in sorted(changes, key=lambda change: (change.at, change.revision)):
        if change.status in wanted:
            since = since or change.at
        elif since is not None:
            yield Pause(since, change.at)
            since = None
    if since is not None:
        yield Pause(since)
