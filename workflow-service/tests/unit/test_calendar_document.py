"""Calendars as people write them: all faults at once, each with its field."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workflow_service.domain.calendar import due
from workflow_service.domain.calendar_document import BadCalendar, read_calendar, stored_calendar

from ..calendars import NOW, at, document


def fields(changed: dict[str, Any]) -> list[str]:
    """Return the fields that are refused."""
    with pytest.raises(BadCalendar) as refused:
        read_calendar(changed, NOW)
    assert all(error["message"] for error in refused.value.errors)
    return [error["field"] for error in refused.value.errors]


def with_monday(*shifts: Any) -> dict[str, Any]:
    return document() | {"weekly": {"mon": list(shifts)}}


def test_shifts_exceptions_and_nights_are_read() -> None:
    written = document(["fri"], ("22:00", "30:00"), special={"2026-01-30": [("12:00", "13:00"), ("20:00", "24:00")]})
    read = read_calendar(written, NOW)
    assert read.exceptions
    assert stored_calendar(written) == read
    # The exception replaces its own date; the night that began on it by the week goes on.
    assert due(read, at("2026-01-30 00:00"), timedelta(hours=6)) == at("2026-01-31 01:00")


@pytest.mark.parametrize(
    ("shifts", "field"),
    [
        ([["08:00", "12:00"], ["11:59", "13:00"]], "weekly.mon.1"),
        ([["08:00", "12:00"], ["08:00", "12:00"]], "weekly.mon.1"),
        ([["22:00", "06:00"]], "weekly.mon.0"),
        ([["08:00", "08:00"]], "weekly.mon.0"),
        ([["01:00", "26:00"]], "weekly.mon.0"),
        ([["24:00", "25:00"]], "weekly.mon.0.0"),
        ([["08:00", "48:01"]], "weekly.mon.0.1"),
        ([["8:00", "12:00"]], "weekly.mon.0.0"),
        ([["08:60", "12:00"]], "weekly.mon.0.0"),
        ([["08:00", None]], "weekly.mon.0.1"),
        ([["08:00", 12]], "weekly.mon.0.1"),
        ([["08:00"]], "weekly.mon.0"),
        (["08:00-12:00"], "weekly.mon.0"),
        ([["08:00", "12:00\n"]], "weekly.mon.0.1"),
        ([["00:00", "00:01"]] * 25, "weekly.mon"),
    ],
)
def test_a_bad_shift_is_named(shifts: list[Any], field: str) -> None:
    assert field in fields(with_monday(*shifts))


def test_touching_shifts_are_no_overlap() -> None:
    read_calendar(with_monday(["12:00", "16:00"], ["08:00", "12:00"]), NOW)


@pytest.mark.parametrize(("first", "second"), [("mon", "tue"), ("sun", "mon")])
def test_a_night_shift_must_not_overlap_with_the_next_day(first: str, second: str) -> None:
    weekly = {first: [["22:00", "30:00"]], second: [["05:00", "12:00"]]}
    assert fields(document() | {"weekly": weekly}) == [f"weekly.{second}"]
    read_calendar(document() | {"weekly": weekly | {second: [["06:00", "12:00"]]}}, NOW)


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Bielefeld",
        "../../etc/passwd",
        "",
        None,
        7,
        "europe/berlin",
        "+01:00",
        "x" * 999,
        "Factory",
        "localtime",
        "posixrules",
        "posix/Europe/Berlin",
        "right/Europe/Berlin",
    ],
)
def test_an_unknown_zone_is_named(zone: Any) -> None:
    assert fields(document() | {"time_zone": zone}) == ["time_zone"]


@pytest.mark.parametrize(
    ("exception", "field"),
    [
        ({"date": "2026-02-30", "closed": True}, "exceptions.0.date"),
        ({"date": "2026-W01-1", "closed": True}, "exceptions.0.date"),
        ({"date": "20260101", "closed": True}, "exceptions.0.date"),
        ({"date": "9999-12-31", "closed": True}, "exceptions.0.date"),
        ({"closed": True}, "exceptions.0.date"),
        ({"date": "2026-01-01"}, "exceptions.0"),
        ({"date": "2026-01-01", "closed": True, "shifts": []}, "exceptions.0"),
        ({"date": "2026-01-01", "closed": False}, "exceptions.0.closed"),
        ({"date": "2026-01-01", "closed": True, "name": ""}, "exceptions.0.name"),
        ({"date": "2026-01-01", "closed": True, "note": "x"}, "exceptions.0.note"),
        ({"date": "2026-01-01", "shifts": [["22:00", "30:00"]]}, "exceptions.0.shifts.0.1"),
        ("2026-01-01", "exceptions.0"),
    ],
)
def test_a_bad_exception_is_named(exception: Any, field: str) -> None:
    assert fields(document() | {"exceptions": [exception]}) == [field]


def test_the_same_date_twice_is_refused() -> None:
    assert fields(document(closed=["2026-01-01", "2026-01-01"])) == ["exceptions.1.date"]


def test_all_faults_are_named_at_once() -> None:
    bad = {"name": " ", "time_zone": "Nowhere", "weekly": {"mon": [["9", "8"]], "moon": []}, "exceptions": [{}], "x": 1}
    assert fields(bad) == [
        "x", "name", "time_zone", "weekly.moon", "weekly.mon.0.0", "weekly.mon.0.1", "exceptions.0.date",
        "exceptions.0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"exceptions": [{"date": "2026-01-01", "closed": True}] * 1_001}, "exceptions"),
        ({"name": "x" * 1_000_000}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\x07b"}, "name"),
        ({"weekly": {}}, "weekly"),
        ({"weekly": {"mon": []}}, "weekly"),
        ({"weekly": []}, "weekly"),
        ({"weekly": {"mon": "08:00"}}, "weekly.mon"),
        ({"exceptions": {}}, "exceptions"),
    ],
)
def test_too_much_and_nothing_at_all_are_refused(changed: dict[str, Any], field: str) -> None:
    assert fields(document() | changed) == [field]


texts = st.text("0:-mn\x00ä", max_size=8) | st.sampled_from(["08:00", "2026-01-01", "mon"])
names = st.sampled_from(["mon", "date", "closed", "shifts", "weekly", "x"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(["name", "time_zone", "weekly", "exceptions"], json_values)))
def test_no_document_raises_anything_else(written: dict[str, Any]) -> None:
    with suppress(BadCalendar):
        read_calendar(written, NOW)
