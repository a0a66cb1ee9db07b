"""The schedule of a clock as stored: its warning, and the breaches that are not declared yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow_service.domain.clocks import RESOLUTION, RUNNING, STEP, Breach, Clock


@dataclass(frozen=True)
class Scheduled:
    """A clock with what is still to come, and what was declared without ground."""

    clock: Clock
    pending: tuple[Breach, ...]
    next_at: datetime | None
    """When the next warning or breach is to be declared; None for nothing to come."""
    groundless: tuple[datetime, ...]
    """The due dates whose breaches are to be retracted."""
    breached: bool


def schedule(clock: Clock, declared: Collection[datetime], warned_seconds: int | None) -> Scheduled:
    """Return what is to come of a clock; `declared` are the due dates of breaches that were declared."""
    pending = tuple(breach for breach in clock.breaches if breach.due_at not in declared)
    grounds = {breach.due_at for breach in clock.breaches}
    return Scheduled(
        clock=clock,
        pending=pending,
        next_at=next_time(pending, warning_of(clock, declared, warned_seconds)),
        groundless=tuple(sorted(due_at for due_at in declared if due_at not in grounds)),
        breached=any(due_at in grounds for due_at in declared),
    )


def warning_of(clock: Clock, declared: Collection[datetime], warned_seconds: int | None) -> datetime | None:
    """Return when a clock warns; None where it has done so for this target, and where it is too late or too early."""
    warned = warned_seconds == int(clock.target.total_seconds())
    if warned or clock.state != RUNNING or clock.due_at is None or clock.warn_at is None:
        return None
    return None if clock.due_at in declared or clock.warn_at >= clock.due_at else clock.warn_at


def next_time(pending: Sequence[Breach], warning: datetime | None) -> datetime | None:
    """Return the first time at which there is something to declare."""
    return min([breach.at for breach in pending] + ([] if warning is None else [warning]), default=None)


def deadline(clocks: Sequence[Clock]) -> datetime | None:
    """Return when a task must have left its step, or be finished where it is at none; None while it is paused."""
    at_step = [clock.due_at for clock in clocks if clock.kind == STEP and clock.ended_at is None]
    return (at_step or [clock.due_at for clock in clocks if clock.kind == RESOLUTION])[-1]
