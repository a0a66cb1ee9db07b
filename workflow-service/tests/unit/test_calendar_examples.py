"""Worked examples of due dates, each computed by hand and by a walk through the minutes."""

from datetime import datetime, timedelta

import pytest
from workflow_service.domain.calendar import Calendar, Pause, due, elapsed

from ..calendars import ALWAYS, CLOSED, DAILY, NIGHTS, NINE_TO_FIVE, WITH_LUNCH, WORKDAYS, at, calendar, utc

SATURDAY_NIGHTS = calendar(["sat"], ("22:00", "30:00"))
CAIRO, LORD_HOWE, NEW_YORK = "Africa/Cairo", "Australia/Lord_Howe", "America/New_York"
CAIRO_NIGHTS = calendar(DAILY, ("00:00", "08:00"), zone=CAIRO)
SUNDAYS = calendar(["sun"], ("02:30", "10:00"))
DAY_CLOSED_TWICE = calendar(DAILY, ("09:00", "21:00"), closed=["2016-11-11", "2016-11-13"])
NIGHTS_BUT_NEW_YEAR = calendar(WORKDAYS, ("22:00", "30:00"), closed=["2026-01-01"])
CHRISTMAS = calendar(closed=["2025-12-25", "2025-12-26"], special={"2025-12-24": [("09:00", "12:00")]})

EXAMPLES = {
    "1 over a weekend": (NINE_TO_FIVE, at("2026-01-30 16:30"), 1, utc("2026-02-02 08:30")),
    "2 before opening": (NINE_TO_FIVE, at("2026-01-28 07:00"), 2, utc("2026-01-28 10:00")),
    "3 over lunch": (WITH_LUNCH, at("2026-04-07 11:30"), 2, utc("2026-04-07 13:00")),
    "3 from lunch": (WITH_LUNCH, at("2026-04-07 12:30"), 1, utc("2026-04-07 12:30")),
    "4 two closed dates": (DAY_CLOSED_TWICE, at("2016-11-09 23:00"), 48, utc("2016-11-15 20:00")),
    "5 nights": (NIGHTS, at("2026-01-27 23:30"), 10, utc("2026-01-29 00:30")),
    "6a always, clock put forward": (ALWAYS, at("2026-03-28 12:00"), 24, utc("2026-03-29 11:00")),
    "6b night, clock put forward": (SATURDAY_NIGHTS, at("2026-03-28 21:00"), 7, utc("2026-03-29 04:00")),
    "7 night, clock put back": (SATURDAY_NIGHTS, at("2026-10-24 22:00"), 8, utc("2026-10-25 04:00")),
    "7 the whole night, clock put back": (SATURDAY_NIGHTS, at("2026-10-24 22:00"), 9, utc("2026-10-25 05:00")),
    "8 night before a closed date": (NIGHTS_BUT_NEW_YEAR, at("2025-12-31 20:00"), 4, utc("2026-01-02 01:00")),
    "11 next morning": (calendar(WORKDAYS, ("08:00", "18:00")), at("2026-01-26 17:00"), 4, at("2026-01-27 11:00")),
    "11 an hour before": (calendar(WORKDAYS, ("08:00", "18:00")), at("2026-01-26 17:00"), 3, utc("2026-01-27 09:00")),
    "12 across midnight": (ALWAYS, at("2026-01-26 23:30"), 1, utc("2026-01-26 23:30")),
    "13 no midnight": (CAIRO_NIGHTS, at("2026-04-23 20:00", CAIRO), 1, utc("2026-04-23 23:00")),
    "13 a night without its first hour": (CAIRO_NIGHTS, at("2026-04-23 20:00", CAIRO), 8, utc("2026-04-24 22:00")),
    "14 half an hour back": (
        calendar(DAILY, ("00:00", "06:00"), zone=LORD_HOWE), at("2026-04-04 23:00", LORD_HOWE), 6,
        utc("2026-04-04 19:00"),
    ),
    "15 New York": (
        calendar(DAILY, zone=NEW_YORK), at("2026-03-07 16:00", NEW_YORK), 2, utc("2026-03-08 14:00"),
    ),
    "16 begins inside the gap": (SUNDAYS, at("2026-03-29 00:00"), 1, utc("2026-03-29 02:00")),
    "17 begins twice": (SUNDAYS, at("2026-10-25 00:00"), 1, utc("2026-10-25 01:30")),
    "18 at closing time": (NINE_TO_FIVE, at("2026-01-30 16:00"), 1, utc("2026-01-30 16:00")),
    "20 a short Christmas Eve": (CHRISTMAS, at("2025-12-24 11:00"), 2, utc("2025-12-29 09:00")),
}  # fmt: skip


@pytest.mark.parametrize(("of", "start", "hours", "expected"), EXAMPLES.values(), ids=EXAMPLES)
def test_a_due_date_is_as_computed_by_hand(of: Calendar, start: datetime, hours: int, expected: datetime) -> None:
    assert due(of, start, timedelta(hours=hours)) == expected
    assert elapsed(of, start, expected) == timedelta(hours=hours)


def test_example_9_a_pause_over_a_weekend_takes_the_open_hours_in_it() -> None:
    pauses = [Pause(at("2026-01-30 16:00"), at("2026-02-02 10:00"))]
    assert due(NINE_TO_FIVE, at("2026-01-30 15:00"), timedelta(hours=8), pauses) == utc("2026-02-02 16:00")


def test_example_10_a_pause_stays_when_the_target_changes() -> None:
    start, pauses = at("2026-02-02 09:00"), [Pause(at("2026-02-02 11:00"), at("2026-02-02 15:00"))]
    assert due(NINE_TO_FIVE, start, timedelta(hours=16), pauses) == utc("2026-02-04 12:00")
    assert due(NINE_TO_FIVE, start, timedelta(hours=8), pauses) == utc("2026-02-03 12:00")


def test_example_19_a_calendar_without_an_open_minute_has_no_due_date() -> None:
    assert due(CLOSED, at("2026-01-30 16:30"), timedelta(hours=1)) is None
