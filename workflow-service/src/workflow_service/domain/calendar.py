"""Business time: when a calendar is open, what is due when, and how much open time has passed.

Shifts are wall-clock times of local dates, everything else is UTC: arithmetic on local times ignores changes of the
clock. An edge that a change of the clock skips is the first instant after the gap; one that occurs twice is its first
occurrence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_MINUTES = 1440
MAX_CLOSED_DAYS = 366
"""A calendar that is closed for longer has no due dates."""
MAX_DAYS = 3660
"""The most days from a start to its due date: ten years."""

MAX_CACHED_EDGES = 16_384
"""Enough for some calendars over some years."""
ONE_DAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)

Shift = tuple[int, int]
"""Start and end in minutes after a date's midnight, half-open; an end above 1440 lies on the next date."""
Shifts = tuple[Shift, ...]
Span = tuple[datetime, datetime]
"""From an instant up to another one, half-open."""


@dataclass(frozen=True)
class Pause:
    """A time that doesn't count, half-open; `end` is None while it lasts."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True)
class Calendar:
    """The open times of each weekday, Monday first, and of the dates that differ; no shift crosses midnight here."""

    zone: ZoneInfo
    week: tuple[Shifts, ...]
    exceptions: Mapping[date, Shifts] = field(default_factory=dict)
    _spans: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The open times of the dates that were asked for: a batch of tasks asks for the same few dates."""

    def shifts(self, day: date) -> Shifts:
        """Return the open times of a local date; an exception replaces the whole date."""
        exception = self.exceptions.get(day)
        return self.week[day.weekday()] if exception is None else exception

    def spans(self, day: date) -> tuple[Span, ...]:
        """Return the open times of a local date as instants."""
        found = self._spans.get(day)
        if found is None:
            edges = [tuple(wall_clock(self.zone, day, edge) for edge in shift) for shift in self.shifts(day)]
            found = self._spans[day] = tuple((opened, closed) for opened, closed in edges if opened < closed)
        return found


def by_date(weekly: Sequence[Shifts]) -> tuple[Shifts, ...]:
    """Return the open times of each weekday, with those that began on the day before in order."""
    week: list[Shifts] = []
    for number, shifts in enumerate(weekly):
        begun = [(0, end - DAY_MINUTES) for _, end in weekly[number - 1] if end > DAY_MINUTES]
        today = [(start, min(end, DAY_MINUTES)) for start, end in shifts]
        week.append(tuple(sorted(begun + today)))
    return tuple(week)


def due(calendar: Calendar, start: datetime, target: timedelta, pauses: Sequence[Pause] = ()) -> datetime | None:
    """Return the instant at which `target` of open, unpaused time has passed since `start`.

    None where the calendar is closed for more than 366 days, for a pause without an end, and beyond ten years.
    A due date at closing time stays there: it doesn't move to the next opening.
    """
    if target < timedelta():
        raise ValueError("a target is never negative")
    if not target:
        return _utc(start)
    left = target
    for opened, closed in _without(_open_until_closed_for_long(calendar, _utc(start)), joined(pauses)):
        if left <= closed - opened:
            return opened + left
        left -= closed - opened
    return None


def elapsed(calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> timedelta:
    """Return the open, unpaused time from `start` to `end`."""
    start, end = _utc(start), _utc(end)
    passed = timedelta()
    for opened, closed in _without(_open_spans(calendar, start, end), joined(pauses)):
        passed += closed - opened
    return passed


def next_opening(calendar: Calendar, instant: datetime) -> datetime | None:
    """Return the instant itself while the calendar is open, else the next opening; None where it stays closed."""
    span = next(_open_until_closed_for_long(calendar, _utc(instant)), None)
    return None if span is None else span[0]


def joined(pauses: Sequence[Pause]) -> list[Pause]:
    """Return pauses in order, those that overlap or touch as one; empty ones are left out."""
    result: list[Pause] = []
    for pause in sorted(pauses, key=lambda pause: pause.start):
        if pause.end is not None and pause.end <= pause.start:
            continue
        last = result[-1] if result else None
        if last is None or (last.end is not None and last.end < pause.start):
            result.append(Pause(_utc(pause.start), None if pause.end is None else _utc(pause.end)))
        elif last.end is not None and (pause.end is None or pause.end > last.end):
            result[-1] = Pause(last.start, pause.end)
    return result


# Tasks of one batch count over the same days: without the cache this is most of the time of a dry run.
@lru_cache(maxsize=MAX_CACHED_EDGES)
def wall_clock(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """Return the instant of a wall-clock time: the first of two, or the first one after a gap."""
    if minute == DAY_MINUTES:
        day, minute = day + ONE_DAY, 0
    hour, minute = divmod(minute, 60)
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    before, after = local.utcoffset(), local.replace(fold=1).utcoffset()
    assert before is not None
    assert after is not None
    wall = local.replace(tzinfo=UTC)
    return wall - before if before >= after else _end_of_gap(zone, wall - after, wall - before)


def _end_of_gap(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Return the instant of the change of the clock between two instants."""
    before = low.astimezone(zone).utcoffset()
    while high - low > ONE_SECOND:
        middle = low + timedelta(seconds=(high - low) // ONE_SECOND // 2)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _open_until_closed_for_long(calendar: Calendar, start: datetime) -> Iterator[Span]:
    """Yield the open times after `start`, until the calendar is closed for too long or ten years are over."""
    day = start.astimezone(calendar.zone).date()
    closed_days = 0
    for _ in range(MAX_DAYS):
        closed_days += 1
        for span in _spans_of(calendar, day, start):
            closed_days = 0
            yield span
        if closed_days > MAX_CLOSED_DAYS:
            return
        day += ONE_DAY


def _open_spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Span]:
    """Yield the open times between two instants."""
    day, last = start.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
    # Where the clock is put back across midnight, a date comes twice: its neighbour may hold the last open time.
    while day <= last + ONE_DAY:
        for opened, closed in _spans_of(calendar, day, start):
            if opened < end:
                yield opened, min(closed, end)
        day += ONE_DAY


def _spans_of(calendar: Calendar, day: date, start: datetime) -> Iterator[Span]:
    """Yield the open times of a local date that lie after `start`."""
    for opened, closed in calendar.spans(day):
        if closed > start:
            yield max(opened, start), closed


def _without(spans: Iterator[Span], pauses: Sequence[Pause]) -> Iterator[Span]:
    """Yield the parts of spans that no pause covers; both are in order."""
    number = 0
    for opened, closed in spans:
        while number < len(pauses) and pauses[number].start < closed:
            pause = pauses[number]
            if pause.start > opened:
                yield opened, pause.start
            if pause.end is None:
                return
            opened = max(opened, pause.end)
            if pause.end > closed:
                break
            number += 1
        if opened < closed:
            yield opened, closed


def _utc(instant: datetime) -> datetime:
    """Return an instant in UTC; raise ValueError for a local time without an offset."""
    if instant.tzinfo is None:
        raise ValueError("a time needs an offset from UTC")
    return instant.astimezone(UTC)
