"""The audit of calendars shows each shift and each exception that changed, and its size has a bound."""

from datetime import date, timedelta
from typing import Any

import orjson

from ..calendars import document
from ..conftest import Api

WEEK = {"mon": [["08:00", "12:00"], ["13:00", "17:00"]], "fri": [["08:00", "12:00"]]}
CHRISTMAS = [{"date": "2026-12-24", "shifts": [["08:00", "10:00"]]}, {"date": "2026-12-25", "closed": True}]


def newest(api: Api) -> dict[str, tuple[Any, Any]]:
    """Return the changes of the newest record, by field."""
    record = api.get("/api/audit?record=calendar&limit=1")["items"][0]
    return {each["field"]: (each["old"], each["new"]) for each in record["changes"]}


def added(api: Api, **content: Any) -> str:
    """Add a calendar and return its path."""
    answer = api.call("POST", "/api/calendars", document() | content)
    assert answer.status_code == 201, answer.text
    return f"/api/calendars/{answer.json['id']}"


def changed(api: Api, path: str, **content: Any) -> dict[str, tuple[Any, Any]]:
    """Change a calendar and return what the audit says of it."""
    answer = api.call("PUT", path, document() | content)
    assert answer.status_code == 200, answer.text
    return newest(api)


def test_a_new_calendar_is_one_record_with_its_shifts(api: Api) -> None:
    added(api, weekly=WEEK, exceptions=CHRISTMAS)
    (record,) = api.get("/api/audit?record=calendar")["items"]
    assert record["action"] == "calendar.created"
    changes = newest(api)
    assert changes["weekly.mon.08:00"] == (None, ["08:00", "12:00"])
    assert changes["weekly.fri.08:00"] == (None, ["08:00", "12:00"])
    assert changes["exceptions.2026-12-25"][1]["closed"] is True
    assert "weekly" not in changes
    assert "exceptions" not in changes


def test_a_changed_week_shows_the_shifts_that_differ_in_the_order_of_days(api: Api) -> None:
    path = added(api, weekly=WEEK)
    week = {"mon": [["06:00", "07:00"], ["08:00", "12:00"], ["13:00", "18:00"]], "sat": [["09:00", "10:00"]]}
    changes = changed(api, path, weekly=week)
    assert changes == {
        "version": (1, 2),
        "weekly.mon.06:00": (None, ["06:00", "07:00"]),
        "weekly.mon.13:00": (["13:00", "17:00"], ["13:00", "18:00"]),
        "weekly.fri.08:00": (["08:00", "12:00"], None),
        "weekly.sat.09:00": (None, ["09:00", "10:00"]),
    }
    assert list(changes)[1:] == [
        "weekly.mon.06:00",
        "weekly.mon.13:00",
        "weekly.fri.08:00",
        "weekly.sat.09:00",
    ]


def test_an_exception_shows_its_fields_that_differ(api: Api) -> None:
    path = added(api, weekly=WEEK, exceptions=CHRISTMAS)
    eve = {"date": "2026-12-24", "shifts": [["08:00", "09:00"]], "name": "Christmas Eve"}
    changes = changed(api, path, weekly=WEEK, exceptions=[eve])
    assert changes["exceptions.2026-12-24.shifts"] == ([["08:00", "10:00"]], [["08:00", "09:00"]])
    assert changes["exceptions.2026-12-24.name"][1] == "Christmas Eve"
    assert changes["exceptions.2026-12-25"][1] is None
    assert not any(field.startswith("weekly") for field in changes)


def test_deleting_shows_that_alone(api: Api) -> None:
    path = added(api, weekly=WEEK)
    assert api.call("DELETE", path).status_code == 204
    assert newest(api) == {"is_deleted": (False, True)}


def test_a_record_of_a_thousand_exceptions_is_small(api: Api) -> None:
    path = added(api, weekly=WEEK)
    days = [str(date(2030, 1, 1) + timedelta(number)) for number in range(1_000)]
    changes = changed(api, path, weekly=WEEK, exceptions=[{"date": day, "closed": True} for day in days])
    assert changes["more_changes"] == (None, 800)
    assert len(orjson.dumps(changes)) < 50_000
