"""Properties of business time, and a comparison with an independent walk from minute to minute."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from workflow_service.domain.calendar import Calendar, Pause, Shifts, by_date, due, elapsed

from ..calendars import utc

MINUTE = timedelta(minutes=1)
in_its_own_time = settings(deadline=None)
ZONES = ("Europe/Berlin", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata",
         "America/St_Johns", "Pacific/Apia", "UTC")  # fmt: skip
CHANGES = ("2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-24", "2026-10-30", "2026-04-05",
           "2026-10-04", "2011-12-30", "2026-01-01")  # fmt: skip
"""The dates around which the clocks of some zone change, or a date is left out."""

CHANGES_OF_ZONES = [
    ("Europe/Berlin", "2026-03-29"), ("Europe/Berlin", "2026-10-25"), ("America/New_York", "2026-11-01"),
    ("America/New_York", "2026-03-08"), ("Africa/Cairo", "2026-04-24"), ("Africa/Cairo", "2026-10-30"),
    ("America/Havana", "2026-11-01"), ("America/Havana", "2026-03-08"), ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"), ("America/St_Johns", "2006-10-29"), ("Pacific/Apia", "2011-12-31"),
]  # fmt: skip


@st.composite
def shifts(draw: st.DrawFn, last: int) -> Shifts:
    """Return up to three disjoint shifts, those of a day or those of a day that run into the next one."""
    edges = sorted(set(draw(st.lists(st.integers(0, last // 15).map(lambda n: n * 15), max_size=6))))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    return tuple((start, end) for start, end in pairs if start < 1440)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Return a calendar with some exceptions around the changes of the clock."""
    weekly = [draw(shifts(1440)) for _ in range(6)] + [draw(shifts(1800))]
    if weekly[6] and weekly[0] and weekly[6][-1][1] - 1440 > weekly[0][0][0]:
        weekly[0] = ()
    days = [date.fromisoformat(day) + timedelta(days=offset) for day in CHANGES for offset in (-1, 0, 1)]
    exceptions = draw(st.dictionaries(st.sampled_from(days), shifts(1440), max_size=4))
    return Calendar(ZoneInfo(draw(st.sampled_from(ZONES))), by_date(weekly), exceptions)


starts = st.builds(
    lambda day, seconds: datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(seconds=seconds),
    st.sampled_from(CHANGES),
    st.integers(-200_000, 200_000),
)
targets = st.integers(1, 400_000).map(lambda seconds: timedelta(seconds=seconds))


@st.composite
def paused(draw: st.DrawFn) -> tuple[datetime, list[Pause]]:
    """Return a start, and pauses after it and before it that may overlap."""
    start = draw(starts)
    pairs = draw(st.lists(st.tuples(st.integers(-9_000, 90_000), st.integers(0, 90_000)), max_size=4))
    begins = [(start + timedelta(seconds=begin), length) for begin, length in pairs]
    return start, [Pause(begin, begin + timedelta(seconds=length)) for begin, length in begins]


def open_at(calendar: Calendar, instant: datetime) -> bool:
    """Return whether a calendar is open, by the wall clock; in a doubled hour, as in the first of the two."""
    local = instant.astimezone(calendar.zone)
    if local.fold:
        # Edges are first occurrences, so the second occurrence is open as the end of the first one is.
        while local.fold:
            instant -= MINUTE
            local = instant.astimezone(calendar.zone)
    wall = local.hour * 60 + local.minute
    shown = calendar.exceptions.get(local.date(), calendar.week[local.weekday()])
    return any(start <= wall < end for start, end in shown)


def walk(calendar: Calendar, start: datetime, minutes: int, pauses: Sequence[Pause]) -> datetime | None:
    """Return a due date by looking at each minute of twenty days."""
    instant = start
    for _ in range(20 * 1440):
        is_paused = any(pause.start <= instant < (pause.end or instant) for pause in pauses)
        if not is_paused and open_at(calendar, instant):
            minutes -= 1
            if minutes == 0:
                return instant + MINUTE
        instant += MINUTE
    return None


def whole(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


@in_its_own_time
@given(calendars(), paused(), st.integers(1, 3_000))
def test_a_due_date_is_where_a_walk_through_the_minutes_ends(
    calendar: Calendar, paused: tuple[datetime, list[Pause]], minutes: int
) -> None:
    start = whole(paused[0])
    pauses = [Pause(whole(pause.start), whole(pause.end or pause.start)) for pause in paused[1]]
    found = due(calendar, start, minutes * MINUTE, pauses)
    walked = walk(calendar, start, minutes, pauses)
    if walked is not None:
        assert found == walked
    else:
        assert found is None or found > start + timedelta(days=20)


@in_its_own_time
@given(
    st.sampled_from(CHANGES_OF_ZONES),
    st.lists(st.integers(0, 60).map(lambda n: n * 5), min_size=2, max_size=4, unique=True),
    st.integers(-720, 720),
    st.integers(1, 200),
)
def test_edges_around_a_change_of_the_clock_are_where_a_walk_finds_them(
    change: tuple[str, str], edges: list[int], minute: int, minutes: int
) -> None:
    zone, day = change
    first = sorted(edges)
    calendar = Calendar(ZoneInfo(zone), (tuple(zip(first[::2], first[1::2], strict=False)),) * 7)
    start = datetime.fromisoformat(day).replace(tzinfo=calendar.zone).astimezone(UTC) + minute * MINUTE
    walked = walk(calendar, start, minutes, [])
    assume(walked is not None)
    assert due(calendar, start, minutes * MINUTE) == walked


@in_its_own_time
@given(calendars(), paused(), targets)
def test_the_time_up_to_a_due_date_is_the_target(
    calendar: Calendar, paused: tuple[datetime, list[Pause]], target: timedelta
) -> None:
    start, pauses = paused
    found = due(calendar, start, target, pauses)
    assume(found is not None)
    assert found is not None
    assert elapsed(calendar, start, found, pauses) == target


@in_its_own_time
@given(calendars(), starts, targets, st.integers(0, 400_000), targets)
def test_a_later_start_or_a_longer_target_is_never_due_earlier(
    calendar: Calendar, start: datetime, target: timedelta, later: int, more: timedelta
) -> None:
    early = due(calendar, start, target)
    late_start = due(calendar, start + timedelta(seconds=later), target)
    long = due(calendar, start, target + more)
    assume(early is not None and late_start is not None and long is not None)
    assert early is not None
    assert late_start is not None
    assert long is not None
    assert early <= late_start
    assert early < long


@in_its_own_time
@given(calendars(), paused(), targets, targets)
def test_two_parts_of_a_target_in_turn_are_due_as_the_whole_is(
    calendar: Calendar, paused: tuple[datetime, list[Pause]], first: timedelta, second: timedelta
) -> None:
    start, pauses = paused
    middle = due(calendar, start, first, pauses)
    assume(middle is not None)
    assert middle is not None
    assert due(calendar, middle, second, pauses) == due(calendar, start, first + second, pauses)


@in_its_own_time
@given(calendars(), starts, targets)
def test_a_due_date_is_open_or_a_closing_edge(calendar: Calendar, start: datetime, target: timedelta) -> None:
    found = due(calendar, start, target)
    assume(found is not None)
    assert found is not None
    assert elapsed(calendar, found - timedelta(seconds=1), found) > timedelta()


@in_its_own_time
@given(calendars(), starts, targets, starts, st.integers(1, 200_000))
def test_a_pause_outside_the_open_times_changes_nothing(
    calendar: Calendar, start: datetime, target: timedelta, begin: datetime, seconds: int
) -> None:
    pause = Pause(begin, begin + timedelta(seconds=seconds))
    assume(elapsed(calendar, pause.start, pause.end or begin) == timedelta())
    assert due(calendar, start, target, [pause]) == due(calendar, start, target)


@pytest.mark.parametrize(
    ("wall", "instant"), [("02:30", "2026-10-25 00:30"), ("03:00", "2026-10-25 02:00"), ("02:00", "2026-10-25 00:00")]
)
def test_the_edges_of_a_doubled_hour_are_its_first_occurrence(wall: str, instant: str) -> None:
    hour, minute = map(int, wall.split(":"))
    opens = Calendar(ZoneInfo("Europe/Berlin"), ((),) * 6 + (((hour * 60 + minute, 600),),))
    assert due(opens, utc("2026-10-24 22:00"), MINUTE) == utc(instant) + MINUTE
