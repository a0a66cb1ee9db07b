"""A company's calendars as stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MAX_CALENDARS = 100


class CalendarNotFound(Exception):
    """The company has no such calendar."""

    def __init__(self, calendar_id: int) -> None:
        super().__init__(f"there is no calendar {calendar_id}")


class CalendarExists(Exception):
    """The company has a calendar of that name, ignoring case."""


class CalendarInUse(Exception):
    """A workflow's newest version counts by the calendar."""


class TooManyCalendars(Exception):
    """The company has reached the limit of calendars."""


@dataclass(frozen=True)
class StoredCalendar:
    """A calendar with its newest version."""

    company_id: int
    id: int
    name: str
    time_zone: str
    weekly: Mapping[str, Sequence[Sequence[str]]]
    exceptions: Sequence[Mapping[str, Any]]
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def document(self) -> dict[str, Any]:
        """Return the calendar as people write it."""
        return {
            "name": self.name,
            "time_zone": self.time_zone,
            "weekly": self.weekly,
            "exceptions": self.exceptions,
        }


def check_number(existing: int) -> None:
    """Raise TooManyCalendars where `existing` calendars are the limit."""
    if existing >= MAX_CALENDARS:
        raise TooManyCalendars(f"a company has at most {MAX_CALENDARS} calendars")
