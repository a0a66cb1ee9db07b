"""A ticket's contribution to the rollups; they change by the difference between its old and new state."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from operator import add, attrgetter
from typing import NamedTuple

from analytics_service.domain.state import DONE, TicketState

UNROUTED = ""
"""The department name of unrouted tickets in the rollups; no department can have it."""


@dataclass(frozen=True)
class Total:
    """Sums over the tickets of one company, department and status; confidences in hundredths of a percent."""

    tickets: int = 0
    confidence: int = 0
    need_admin: int = 0
    rerouted: int = 0
    answered: int = 0
    answer_confidence: int = 0
    timed_routings: int = 0
    routing_ms: int = 0
    timed_resolutions: int = 0
    resolution_ms: int = 0

    def __add__(self, other: "Total") -> "Total":
        return Total(*map(add, values(self), values(other)))


TOTAL_FIELDS = tuple(item.name for item in fields(Total))

values: Callable[[Total], tuple[int, ...]] = attrgetter(*TOTAL_FIELDS)
"""Returns the values of a total (dataclasses.astuple copies deeply, which is fifty times slower)."""

TotalKey = tuple[int, str, str]
"""Company, department, status."""
DayKey = tuple[int, date, str]
"""Company, day, department."""
MinutePlace = tuple[int, datetime]
"""Company, minute."""


class Differences(NamedTuple):
    """The changes of the three rollups, sorted by key: all transactions lock rows in this order."""

    totals: dict[TotalKey, Total]
    days: dict[DayKey, int]
    minutes: dict[MinutePlace, int]


def contribution(state: TicketState) -> Total | None:
    """Return a ticket's contribution to its rollup row, None while it isn't counted."""
    numbers = _numbers(state)
    return None if numbers is None else Total(*numbers)


def differences(changes: Iterable[tuple[TicketState, TicketState]]) -> Differences:
    """Return the sums of the differences between old and new states; sums of zero are left out."""
    totals: dict[TotalKey, list[int]] = {}
    days: defaultdict[DayKey, int] = defaultdict(int)
    minutes: defaultdict[MinutePlace, int] = defaultdict(int)
    for change in changes:
        for state, sign in zip(change, (-1, 1), strict=True):
            numbers, created_at = _numbers(state), state.created_at
            if numbers is None or created_at is None:
                continue
            company_id, department = state.company_id, state.department or UNROUTED
            sums = totals.setdefault((company_id, department, state.status), [0] * len(numbers))
            for position, number in enumerate(numbers):
                sums[position] += sign * number
            created_at = created_at.astimezone(UTC)
            days[company_id, created_at.date(), department] += sign
            minutes[company_id, created_at.replace(second=0, microsecond=0)] += sign
    return Differences(
        {place: Total(*totals[place]) for place in sorted(totals) if any(totals[place])},
        {place: days[place] for place in sorted(days) if days[place]},
        {place: minutes[place] for place in sorted(minutes) if minutes[place]},
    )


def _numbers(state: TicketState) -> tuple[int, ...] | None:
    """Return the values of a total in field order; a tuple, because every event needs two and speed counts."""
    created_at = state.created_at
    if state.gone or created_at is None:
        return None
    routing_ms = _milliseconds(created_at, state.first_routed_at)
    resolution_ms = _milliseconds(created_at, state.first_resolved_at) if state.status in DONE else None
    return (
        1,
        state.confidence or 0,
        int(state.need_admin),
        int(state.rerouted),
        int(state.answer_confidence is not None),
        state.answer_confidence or 0,
        int(routing_ms is not None),
        routing_ms or 0,
        int(resolution_ms is not None),
        resolution_ms or 0,
    )


def _milliseconds(start: datetime, end: datetime | None) -> int | None:
    """Return the duration in milliseconds, at least 0, because the clocks of two machines may differ."""
    if end is None:
        return None
    return max(0, round((end - start).total_seconds() * 1000))
