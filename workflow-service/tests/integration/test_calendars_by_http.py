"""Calendars by HTTP: what is stored, what is refused, and what workflows may name."""

from typing import Any

import pytest

from ..calendars import document
from ..conftest import WORKFLOW, Api


def add(api: Api, **changes: Any) -> dict[str, Any]:
    response = api.call("POST", "/api/calendars", document() | changes)
    assert response.status_code == 201, response.text
    assert response.headers["ETag"]
    return dict(response.json)


def fields(response: Any) -> list[str]:
    assert response.status_code == 400, response.text
    assert response.json["code"] == "invalid"
    return [error["field"] for error in response.json["errors"]]


def test_a_calendar_is_stored_as_written_with_its_dates_in_order(api: Api) -> None:
    dates = [
        {"date": "2026-12-26", "closed": True},
        {"date": "2026-12-24", "shifts": [["09:00", "12:00"]], "name": "Eve"},
    ]
    added = add(api, exceptions=dates)
    assert added["exceptions"] == dates[::-1]
    assert (added["name"], added["time_zone"], added["version"]) == ("Test", "Europe/Berlin", 1)
    assert api.get(f"/api/calendars/{added['id']}") == added
    assert api.get("/api/calendars")["items"] == [added]


def test_a_change_makes_a_version_and_an_equal_one_doesnt(api: Api, rows: Any) -> None:
    calendar_id = add(api)["id"]
    path = f"/api/calendars/{calendar_id}"
    changed = api.call("PUT", path, document() | {"time_zone": "Europe/Paris"}).json
    assert changed["version"] == 2
    assert api.call("PUT", path, document() | {"time_zone": "Europe/Paris"}).json["version"] == 2
    found = rows("select version, time_zone from calendar_versions order by version")
    assert found == [(1, "Europe/Berlin"), (2, "Europe/Paris")]
    records = [each for each in api.get("/api/audit")["items"] if each["action"] == "calendar.updated"]
    assert {"field": "time_zone", "old": "Europe/Berlin", "new": "Europe/Paris"} in records[0]["changes"]


def test_all_faults_of_a_calendar_are_answered_at_once(api: Api) -> None:
    bad = {"name": "", "time_zone": "Nowhere", "weekly": {"mon": [["22:00", "06:00"]], "tue": "x"}, "exceptions": [{}]}
    refused = api.call("POST", "/api/calendars", bad)
    assert fields(refused) == ["name", "time_zone", "weekly.mon.0", "weekly.tue", "exceptions.0.date", "exceptions.0"]
    assert api.get("/api/calendars")["items"] == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"exceptions": [{"date": "2026-01-01", "closed": True, "name": "x" * 150}] * 5_000}, "exceptions"),
        ({"name": "x" * 200_000}, "name"),
        ({"exceptions": [{"date": "2026-01-01", "closed": True}] * 1_001}, "exceptions"),
        ({"weekly": {"mon": [["08:00", "12:00"], ["11:00", "13:00"]]}}, "weekly.mon.1"),
        ({"weekly": {}}, "weekly"),
        ({"colour": "red"}, "colour"),
        ({"weekly": {"mon": [[[["08:00"]], "12:00"]]}}, "weekly.mon.0.0"),
        ({"time_zone": {"x": 1}}, "time_zone"),
    ],
)
def test_a_bad_calendar_is_refused_with_its_field(api: Api, changed: dict[str, Any], field: str) -> None:
    assert field in fields(api.call("POST", "/api/calendars", document() | changed))


def test_two_calendars_of_one_name_are_refused_and_a_deleted_one_frees_its_name(api: Api) -> None:
    first = add(api)
    again = api.call("POST", "/api/calendars", document() | {"name": "TEST"})
    assert (again.status_code, again.json["code"]) == (409, "calendar_exists")
    other = add(api, name="Other")
    renamed = api.call("PUT", f"/api/calendars/{other['id']}", document())
    assert (renamed.status_code, renamed.json["code"]) == (409, "calendar_exists")
    assert api.call("DELETE", f"/api/calendars/{first['id']}").status_code == 204
    assert api.call("GET", f"/api/calendars/{first['id']}").status_code == 404
    assert api.call("PUT", f"/api/calendars/{other['id']}", document()).status_code == 200


def test_a_calendar_of_a_workflow_is_not_deleted(api: Api) -> None:
    calendar_id = add(api)["id"]
    workflow = api.workflow(calendar_id=calendar_id)
    assert workflow["calendar_id"] == calendar_id
    refused = api.call("DELETE", f"/api/calendars/{calendar_id}")
    assert (refused.status_code, refused.json["code"]) == (409, "calendar_in_use")
    assert api.call("PUT", f"/api/workflows/{workflow['id']}", WORKFLOW).status_code == 200
    assert api.call("DELETE", f"/api/calendars/{calendar_id}").status_code == 204


def test_a_workflow_names_a_calendar_of_its_own_company(api: Api) -> None:
    foreign = add(Api(api.client, company=2))["id"]
    for unknown in (foreign, 4711):
        assert fields(api.call("POST", "/api/workflows", WORKFLOW | {"calendar_id": unknown})) == ["calendar_id"]


def test_an_unknown_calendar_is_named_along_with_all_other_faults(api: Api) -> None:
    first, *others = WORKFLOW["steps"]
    wanted = WORKFLOW | {"calendar_id": 4711, "name": 7, "steps": [first, *others, first]}
    expected = [
        "calendar_id",
        "name",
        f"steps.{len(wanted['steps']) - 1}.name",
        f"steps.{len(wanted['steps']) - 1}.order",
    ]
    assert sorted(fields(api.call("POST", "/api/workflows", wanted))) == expected
    dry_run = api.call("POST", f"/api/workflows/{api.workflow()['id']}/dry-run", {"days": 7, "definition": wanted})
    assert sorted(fields(dry_run)) == [f"definition.{field}" for field in expected]
    short = add(api, weekly={"mon": [["08:00", "10:00"]]})["id"]
    late = WORKFLOW | {"calendar_id": short, "name": 7, "low_sla": "PT800H"}
    assert sorted(fields(api.call("POST", "/api/workflows", late))) == ["low_sla", "name"]
    for body in ([], {}, {"calendar_id": "x"}, {"calendar_id": None}):
        assert "name" in fields(api.call("POST", "/api/workflows", body)) or not body


def test_targets_that_take_more_than_five_years_by_the_calendar_are_refused_by_name(api: Api) -> None:
    two_hours_a_week = add(api, weekly={"mon": [["08:00", "10:00"]]})["id"]
    wanted = WORKFLOW | {"calendar_id": two_hours_a_week, "medium_sla": "PT600H", "low_sla": "PT800H"}
    refused = api.call("POST", "/api/workflows", wanted)
    assert fields(refused) == ["medium_sla", "low_sla"]
    assert "within which 522 hours are open" in refused.json["errors"][0]["message"]
    workflow = api.workflow(**wanted | {"medium_sla": "PT400H", "low_sla": "PT500H"})
    path = f"/api/workflows/{workflow['id']}"
    assert fields(api.call("PUT", path, wanted)) == ["medium_sla", "low_sla"]


def test_a_calendar_by_which_a_workflows_target_takes_too_long_is_refused(api: Api) -> None:
    calendar_id = add(api)["id"]
    api.workflow(calendar_id=calendar_id, low_sla="PT8760H")
    path = f"/api/calendars/{calendar_id}"
    refused = api.call("PUT", path, document() | {"weekly": {"mon": [["08:00", "10:00"]]}})
    assert fields(refused) == ["weekly"]
    assert "PT8760H" in refused.json["errors"][0]["message"]
    assert api.get(path)["version"] == 1
    assert api.call("PUT", path, document() | {"name": "Other"}).status_code == 200
