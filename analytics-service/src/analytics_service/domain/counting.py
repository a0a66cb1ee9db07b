"""What a ticket adds to the figures; they change by the difference between its old and its new state."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from operator import add, attrgetter, sub

from analytics_service.domain.state import DONE, TicketState

UNROUTED = ""
"""Where tickets count that are in no department yet; no department can have this name."""


@dataclass(frozen=True)
class Total:
    """Figures of tickets that share company, department and status; confidences are sums of hundredths."""

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

    def __sub__(self, other: "Total") -> "Total":
        return Total(*map(sub, values(self), values(other)))


TOTAL_FIELDS = tuple(item.name for item in fields(Total))
NOTHING = Total()

values: Callable[[Total], tuple[int, ...]] = attrgetter(*TOTAL_FIELDS)
"""Returns all figures of a total (dataclasses.astuple copies deeply, which is fifty times slower)."""

Place = tuple[int, str, str]
"""Company, department, status."""
DayPlace = tuple[int, date, str]
"""Company, day, department."""
MinutePlace = tuple[int, datetime]
"""Company, minute."""


@dataclass
class Differences:
    """What changes in the three rollups; places where nothing changes are left out by `without_zeros`."""

    totals: dict[Place, Total] = field(default_factory=lambda: defaultdict(Total))
    days: dict[DayPlace, int] = field(default_factory=lambda: defaultdict(int))
    minutes: dict[MinutePlace, int] = field(default_factory=lambda: defaultdict(int))

    def count(self, state: TicketState, sign: int) -> None:
        """Add what a ticket in this state counts (sign 1), or take it away (sign -1)."""
        created_at = state.created_at
        if state.gone or created_at is None:
            return
        company, department = state.company_id, state.department or UNROUTED
        created_at = created_at.astimezone(UTC)
        total = contribution(state, created_at)
        place = (company, department, state.status)
        self.totals[place] = self.totals[place] + total if sign > 0 else self.totals[place] - total
        self.days[company, created_at.date(), department] += sign
        self.minutes[company, created_at.replace(second=0, microsecond=0)] += sign

    def without_zeros(self) -> "Differences":
        """Return the same without what cancelled itself out, sorted: everybody locks rows in this order."""
        return Differences(
            {place: self.totals[place] for place in sorted(self.totals) if self.totals[place] != NOTHING},
            {place: self.days[place] for place in sorted(self.days) if self.days[place]},
            {place: self.minutes[place] for place in sorted(self.minutes) if self.minutes[place]},
        )


def contribution(state: TicketState, created_at: datetime) -> Total:
    """Return what a counted ticket adds at its place."""
    routing_ms = _milliseconds(created_at, state.first_routed_at)
    resolution_ms = _milliseconds(created_at, state.first_resolved_at) if state.status in DONE else None
    return Total(
        tickets=1,
        confidence=state.confidence or 0,
        need_admin=int(state.need_admin),
        rerouted=int(state.rerouted),
        answered=int(state.answer_confidence is not None),
        answer_confidence=state.answer_confidence or 0,
        timed_routings=int(routing_ms is not None),
        routing_ms=routing_ms or 0,
        timed_resolutions=int(resolution_ms is not None),
        resolution_ms=resolution_ms or 0,
    )


def differences(changes: Iterable[tuple[TicketState, TicketState]]) -> Differences:
    """Sum up what tickets that went from one state to another change."""
    sums = Differences()
    for before, after in changes:
        sums.count(before, -1)
        sums.count(after, 1)
    return sums.without_zeros()


def _milliseconds(start: datetime, end: datetime | None) -> int | None:
    """Return how long it took; clocks of two machines may differ, but nothing takes less than no time."""
    if end is None:
        return None
    return max(0, round((end - start).total_seconds() * 1000))
