"""A calendar as people write it, in JSON: read as a whole, with all faults at once."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from service_kit.names import hidden_characters

from workflow_service.domain.calendar import DAY_MINUTES, Calendar, Shift, Shifts, by_date, next_opening

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_SHIFTS_PER_DAY = 24
MAX_EXCEPTIONS = 1_000
MAX_NAME_CHARACTERS = 200
MAX_ZONE_CHARACTERS = 100
MAX_BYTES = 131_072
MAX_FAULTS = 100
"""More faults than that help nobody; the rest is left out."""
FIRST_YEAR, LAST_YEAR = 1970, 2200

_NO_PLACES = ("Factory", "localtime", "posixrules", "posix/", "right/")
_TIME = re.compile(r"([0-9]{2}):([0-5][0-9])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CROSSES = "Ends before it starts. A shift across midnight ends after 24:00: 22:00 to 30:00 for 06:00 of the next date."


class BadCalendar(Exception):
    """A calendar can't be as written; `errors` names the fields."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("The calendar is not valid.")
        self.errors = errors


@dataclass
class _Faults:
    """The faults found so far."""

    errors: list[dict[str, str]] = field(default_factory=list)

    def add(self, place: str, message: str) -> None:
        """Add a fault of a field."""
        if len(self.errors) < MAX_FAULTS:
            self.errors.append({"field": place, "message": message})


def read_calendar(document: Mapping[str, Any], now: datetime) -> Calendar:
    """Return the calendar that a document describes; raise BadCalendar with all its faults."""
    _check_size(document)
    faults = _Faults()
    for name in sorted(document.keys() - {"name", "time_zone", "weekly", "exceptions"}):
        faults.add(str(name), "Unknown field.")
    _check_name(document.get("name"), "name", faults)
    zone = _read_zone(document.get("time_zone"), faults)
    weekly = _read_weekly(document.get("weekly"), faults)
    exceptions = _read_exceptions(document.get("exceptions", []), faults)
    if faults.errors or zone is None:
        raise BadCalendar(faults.errors)
    calendar = Calendar(zone, by_date(weekly), exceptions)
    if next_opening(calendar, now) is None:
        raise BadCalendar([{"field": "weekly", "message": "The calendar has no open minute within 366 days."}])
    return calendar


def stored_calendar(document: Mapping[str, Any]) -> Calendar:
    """Return the calendar of a document that was valid when it was stored."""
    faults = _Faults()
    exceptions = _read_exceptions(document.get("exceptions", []), faults)
    return Calendar(ZoneInfo(document["time_zone"]), by_date(_read_weekly(document["weekly"], faults)), exceptions)


@cache
def time_zones() -> frozenset[str]:
    """Return the names of the time zones that calendars may have.

    The database has others, which are no place: the zone of the machine, that of an unfinished installation, and the
    same zones again with or without leap seconds.
    """
    return frozenset(name for name in available_timezones() if not name.startswith(_NO_PLACES))


def _check_size(document: Mapping[str, Any]) -> None:
    """Raise BadCalendar for a document that is too large, naming its largest field."""
    sizes = {
        str(name): len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
        for name, value in document.items()
    }
    if sum(sizes.values()) > MAX_BYTES:
        largest = max(sizes, key=lambda name: sizes[name])
        message = f"The calendar is larger than {MAX_BYTES // 1024} KiB, and this is its largest part."
        raise BadCalendar([{"field": largest, "message": message}])


def _check_name(name: object, place: str, faults: _Faults) -> None:
    if not isinstance(name, str) or not name.strip():
        faults.add(place, "A name is needed." if name is None or isinstance(name, str) else "Must be a text.")
    elif len(name) > MAX_NAME_CHARACTERS:
        faults.add(place, f"Longer than {MAX_NAME_CHARACTERS} characters.")
    elif hidden := hidden_characters(name):
        faults.add(place, f"No control characters and nothing invisible in it: {', '.join(hidden)}.")
    elif name != name.strip():
        faults.add(place, "No blanks around it.")


def _read_zone(name: object, faults: _Faults) -> ZoneInfo | None:
    # ZoneInfo takes a path, so only a known name is passed to it.
    if isinstance(name, str) and len(name) <= MAX_ZONE_CHARACTERS and name in time_zones():
        return ZoneInfo(name)
    faults.add("time_zone", "Must be a time zone of the IANA database, such as Europe/Berlin.")
    return None


def _read_weekly(weekly: object, faults: _Faults) -> list[Shifts]:
    if not isinstance(weekly, Mapping):
        faults.add("weekly", "Must list the shifts of the weekdays mon, tue, wed, thu, fri, sat and sun.")
        return [()] * 7
    for name in sorted(weekly.keys() - set(WEEKDAYS)):
        faults.add(f"weekly.{name}", "Unknown weekday: use mon, tue, wed, thu, fri, sat and sun.")
    days = [_read_shifts(weekly.get(name, []), f"weekly.{name}", 2 * DAY_MINUTES, faults) for name in WEEKDAYS]
    for number, shifts in enumerate(days):
        # The last shift of a day may run into the next date.
        ends = max((end for _, end in days[number - 1]), default=0) - DAY_MINUTES
        if shifts and min(shifts)[0] < ends:
            faults.add(f"weekly.{WEEKDAYS[number]}", "Overlaps with a shift that began on the day before.")
    return days


def _read_shifts(shifts: object, place: str, max_end: int, faults: _Faults) -> Shifts:
    if not isinstance(shifts, list):
        faults.add(place, 'Must be a list of shifts, such as [["08:00", "12:00"], ["13:00", "17:00"]].')
        return ()
    if len(shifts) > MAX_SHIFTS_PER_DAY:
        faults.add(place, f"At most {MAX_SHIFTS_PER_DAY} shifts a day.")
        return ()
    read: list[tuple[Shift, str]] = []
    for number, shift in enumerate(shifts):
        here = f"{place}.{number}"
        found = _read_shift(shift, here, max_end, faults)
        if found is not None:
            read.append((found, here))
    read.sort()
    for (before, _), (after, here) in pairwise(read):
        if after[0] < before[1]:
            faults.add(here, "Overlaps with another shift.")
    return tuple(shift for shift, _ in read)


def _read_shift(shift: object, place: str, max_end: int, faults: _Faults) -> Shift | None:
    if not isinstance(shift, list) or len(shift) != 2:
        faults.add(place, 'Must be a start and an end, such as ["08:00", "12:00"].')
        return None
    start, end = (_minutes(edge) for edge in shift)
    if start is None or start >= DAY_MINUTES:
        faults.add(f"{place}.0", "Must be a time from 00:00 to 23:59.")
    if end is None or end > max_end:
        faults.add(f"{place}.1", f"Must be a time up to {max_end // 60}:00.")
    if start is None or start >= DAY_MINUTES or end is None or end > max_end:
        return None
    if end <= start:
        faults.add(place, _CROSSES if max_end > DAY_MINUTES else "Ends before it starts.")
        return None
    if end > start + DAY_MINUTES:
        faults.add(place, "Longer than 24 hours.")
        return None
    return start, end


def _minutes(text: object) -> int | None:
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    return None if found is None else int(found[1]) * 60 + int(found[2])


def _read_exceptions(exceptions: object, faults: _Faults) -> dict[date, Shifts]:
    if not isinstance(exceptions, list):
        faults.add("exceptions", "Must be a list of dates.")
        return {}
    if len(exceptions) > MAX_EXCEPTIONS:
        faults.add("exceptions", f"At most {MAX_EXCEPTIONS} dates.")
        return {}
    read: dict[date, Shifts] = {}
    for number, exception in enumerate(exceptions):
        place = f"exceptions.{number}"
        if not isinstance(exception, Mapping):
            faults.add(place, "Must be a date with closed or shifts.")
            continue
        day = _read_date(exception.get("date"), f"{place}.date", faults)
        if day is not None and day in read:
            faults.add(f"{place}.date", "The same date twice.")
        shifts = tuple(_shifts_of(exception, place, faults))
        if day is not None:
            read[day] = shifts
    return read


def _shifts_of(exception: Mapping[str, Any], place: str, faults: _Faults) -> Iterator[Shift]:
    """Yield the open times of an exception; it holds for its own date only, so none of them crosses midnight."""
    for name in sorted(exception.keys() - {"date", "closed", "shifts", "name"}):
        faults.add(f"{place}.{name}", "Unknown field.")
    if "name" in exception:
        _check_name(exception["name"], f"{place}.name", faults)
    if ("shifts" in exception) == ("closed" in exception):
        faults.add(place, 'Needs either "closed": true or shifts.')
    elif "shifts" in exception:
        yield from _read_shifts(exception["shifts"], f"{place}.shifts", DAY_MINUTES, faults)
    elif exception["closed"] is not True:
        faults.add(f"{place}.closed", "Must be true; a date with open times has shifts.")


def _read_date(text: object, place: str, faults: _Faults) -> date | None:
    if isinstance(text, str) and _DATE.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            pass
        else:
            if FIRST_YEAR <= day.year <= LAST_YEAR:
                return day
    faults.add(place, f"Must be a date such as 2026-12-25, from {FIRST_YEAR} to {LAST_YEAR}.")
    return None
