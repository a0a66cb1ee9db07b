"""Calendars of the tests, written as people write them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from workflow_service.domain.calendar import Calendar
from workflow_service.domain.calendar_document import WEEKDAYS, read_calendar

BERLIN = "Europe/Berlin"
DAILY = WEEKDAYS
WORKDAYS = WEEKDAYS[:5]
NOW = datetime(2016, 1, 1, tzinfo=UTC)


def document(
    days: Sequence[str] = WORKDAYS,
    *shifts: tuple[str, str],
    zone: str = BERLIN,
    closed: Sequence[str] = (),
    special: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> dict[str, Any]:
    """Return a calendar with the same shifts on each of some weekdays; from 9 to 17 where none are named."""
    opening = [list(shift) for shift in shifts or [("09:00", "17:00")]]
    exceptions: list[dict[str, Any]] = [{"date": day, "closed": True} for day in closed]
    exceptions += [{"date": day, "shifts": [list(shift) for shift in of]} for day, of in (special or {}).items()]
    return {"name": "Test", "time_zone": zone, "weekly": dict.fromkeys(days, opening), "exceptions": exceptions}


def calendar(days: Sequence[str] = WORKDAYS, *shifts: tuple[str, str], now: datetime = NOW, **options: Any) -> Calendar:
    """Return the calendar of `document`, as it was saved at `now`."""
    return read_calendar(document(days, *shifts, **options), now)


def at(text: str, zone: str = BERLIN, *, fold: int = 0) -> datetime:
    """Return the instant of a local time such as `2026-01-30 16:30`; in UTC, as Python compares no doubled hours."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def utc(text: str) -> datetime:
    """Return a time in UTC such as `2026-01-30 16:30`."""
    return at(text, "UTC")


ALWAYS = calendar(DAILY, ("00:00", "24:00"))
NINE_TO_FIVE = calendar()
WITH_LUNCH = calendar(WORKDAYS, ("08:00", "12:00"), ("13:30", "18:00"))
NIGHTS = calendar(WORKDAYS, ("22:00", "30:00"))
CLOSED = Calendar(ZoneInfo(BERLIN), ((),) * 7)
