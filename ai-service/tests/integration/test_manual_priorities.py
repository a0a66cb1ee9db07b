"""Manual priorities are stored, exported and compared with the proposed ones."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from ..conftest import RULES, Api, Rows, World, eventually
from .test_training import routed, training_of


def edited(
    world: World, ticket: int, priority: str, *, revision: int = 2, by: str = "person", company: int = 1, **more: Any
) -> None:
    body = {"ticket_id": ticket, "priority": priority, "changed": ["priority"], "wanted_department": None} | more
    world.send("ticket.updated", subject=str(ticket), company=company, revision=revision, actor_kind=by, **body)


def kept(rows: Rows) -> list[tuple[Any, ...]]:
    return rows("select ticket_id, priority from examples where priority is not null order by ticket_id")


def report(api: Api) -> dict[str, Any]:
    answered = api.call("GET", f"{RULES}/report")
    assert answered.status_code == 200, answered.text
    return dict(answered.json)


def test_the_latest_manual_priority_is_stored_in_any_order_of_arrival(world: World, rows: Rows) -> None:
    edited(world, 1, "urgent", revision=3)
    edited(world, 1, "low", revision=2)
    edited(world, 2, "high")
    eventually(lambda: kept(rows) == [(1, "urgent"), (2, "high")])
    world.ticket(1, "A title")
    world.categorized()
    routed(world, 1, "HR")
    eventually(lambda: rows("select text, label, priority from examples where label = 'HR'") != [])
    assert rows("select text, label, priority from examples where ticket_id = 1") == [("A title\n", "HR", "urgent")]


def test_other_edits_and_those_of_machines_are_ignored(world: World, rows: Rows) -> None:
    edited(world, 1, "urgent", changed=["title"])
    edited(world, 2, "urgent", by="system")
    edited(world, 3, "urgent")
    eventually(lambda: kept(rows) == [(3, "urgent")])


def test_a_deleted_ticket_takes_its_priority_along_and_stays_away(world: World, rows: Rows) -> None:
    edited(world, 1, "urgent")
    eventually(lambda: kept(rows) == [(1, "urgent")])
    world.send("ticket.deleted", subject="1", ticket_id=1)
    eventually(lambda: kept(rows) == [])
    edited(world, 1, "high", revision=4)
    edited(world, 2, "low")
    eventually(lambda: kept(rows) == [(2, "low")])


def test_the_export_has_the_manual_priorities(
    make_world: Callable[..., World], make_api: Callable[..., Api], rows: Rows, tmp_path: Path
) -> None:
    world, api = make_world(TRAINING_DATA_DIR=str(tmp_path)), make_api(TRAINING_DATA_DIR=str(tmp_path))
    world.ticket(1, "VPN down")
    world.ticket(2, "VPN up")
    world.categorized(2)
    routed(world, 1, "HR")
    routed(world, 2, "HR")
    edited(world, 1, "urgent")
    eventually(lambda: kept(rows) == [(1, "urgent")])
    eventually(lambda: rows("select count(*) from examples where label is not null") == [(2,)])
    with api.call("GET", f"/api/training/{training_of(api)['id']}/export") as answered:
        found = load_workbook(io.BytesIO(answered.data))["Sheet1"].values
        assert {row[2]: row[3] for row in found} == {"ticket_id": "priority", 1: "urgent", 2: None}


def test_the_report_compares_proposed_and_manual_priorities(world: World, api: Api, rows: Rows) -> None:
    empty = report(api)
    assert (empty["tickets"], [each["proposed"] for each in empty["items"]]) == (
        0, ["low", "medium", "high", "urgent"]
    )  # fmt: skip
    for ticket in (1, 2, 3):
        world.ticket(ticket, "A question about lunch")
    world.ticket(4, "Terrible, awful outage")
    world.ticket(5, "A question about lunch", company=2)
    world.categorized(5)
    edited(world, 1, "urgent")
    edited(world, 2, "low")  # the proposed priority, confirmed
    edited(world, 5, "high", company=2)
    eventually(lambda: len(kept(rows)) == 3)
    found = report(api)
    assert (found["tickets"], found["kept"]) == (4, 3)
    low, _, high, _ = found["items"]
    assert low == {"proposed": "low", "tickets": 3, "kept": 2, "changed": {"medium": 0, "high": 0, "urgent": 1}}
    assert (high["tickets"], high["kept"]) == (1, 1)
    assert report(Api(api.client, company=2))["items"][0]["changed"]["high"] == 1
    assert Api(api.client, role="agent").call("GET", f"{RULES}/report").status_code == 403


def test_what_was_not_proposed_is_not_counted(world: World, api: Api, rows: Rows) -> None:
    world.company("created", auto_prioritize=False)
    eventually(lambda: rows("select count(*) from company_switches") == [(1,)])
    world.ticket(1, "Terrible, awful outage", priority="low")
    world.categorized()
    assert report(api)["tickets"] == 0
