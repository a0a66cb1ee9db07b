"""Comments are added to tickets and listed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from service_kit.identity import SERVICE
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api
from .discussion import LEA, Discussion

Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def desk(api: Api, made: ServiceDatabase) -> Discussion:
    return Discussion(api, made)


def test_a_comment_is_stored_with_its_event_and_its_trail_entry(desk: Discussion) -> None:
    made = desk.add(desk.lea, "Which version?\r\nThanks")
    assert made["text"] == "Which version?\nThanks"
    assert (made["author"], made["author_kind"], made["state"]) == (f"person:{LEA}", "agent", "sent")
    assert (made["depth"], made["parent_id"], made["internal"], made["mentions"]) == (0, None, False, [])
    assert made["ratings"] == {"thumbs_up": 0, "thumbs_down": 0, "mine": None}
    assert desk.lea.get(f"/api/comments/{made['id']}") == made
    ((revision, body),) = desk.published()
    event = json.loads(body)
    assert revision == 2
    assert event["sent_at"] == made["sent_at"].replace("Z", "").ljust(26, "0") + "Z"
    assert {name: event[name] for name in ("ticket_id", "comment_id", "author", "author_kind", "internal")} == {
        "ticket_id": desk.ticket,
        "comment_id": made["id"],
        "author": f"person:{LEA}",
        "author_kind": "agent",
        "internal": False,
    }
    assert "version?" not in body
    entry = desk.lea.trail(desk.ticket)[-1]
    assert (entry["event_type"], entry["actor"]) == ("comment", f"person:{LEA}")
    assert entry["payload"] == {"comment_id": made["id"], "parent_id": None, "internal": False}


def test_the_kind_of_the_author_follows_from_the_role(desk: Discussion) -> None:
    robot = Api(desk.lea.client, role=SERVICE, subject="ai-service")
    kinds = [desk.add(author, "x")["author_kind"] for author in (desk.ann, desk.manager, desk.admin, robot)]
    assert kinds == ["requester", "agent", "agent", "machine"]


def test_replies_come_after_their_parents_on_every_page(desk: Discussion) -> None:
    first = desk.add(desk.ann, "first")
    reply = desk.add(desk.lea, "reply", parent_id=first["id"])
    desk.add(desk.lea, "second")
    desk.add(desk.ann, "reply to the reply", parent_id=reply["id"])
    listed = desk.ann.every(f"{desk.path}?limit=1")
    assert [(item["text"], item["depth"]) for item in listed] == [
        ("first", 0),
        ("reply", 1),
        ("second", 0),
        ("reply to the reply", 2),
    ]
    assert [item["parent_id"] for item in listed] == [None, first["id"], None, reply["id"]]


def test_replies_end_at_depth_five(desk: Discussion) -> None:
    parent = desk.add(desk.ann, "0")["id"]
    for depth in range(1, 6):
        reply = desk.add(desk.ann, str(depth), parent_id=parent)
        assert reply["depth"] == depth
        parent = reply["id"]
    refused = desk.send(desk.ann, "6", parent_id=parent)
    assert (refused.status_code, refused.json["code"]) == (400, "invalid")
    assert refused.json["errors"][0]["field"] == "parent_id"


def test_a_parent_is_a_comment_of_the_same_ticket(desk: Discussion) -> None:
    elsewhere = int(desk.ann.create()["id"])
    other = desk.ann.call("POST", f"/api/tickets/{elsewhere}/comments", {"text": "x"}).json["id"]
    for parent in (other, 2**60):
        refused = desk.send(desk.ann, "x", parent_id=parent)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "parent_id")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": " \u200b\n"}, "text"),
        ({"text": "x" * 65_537}, "text"),
        ({"text": "\u00e9" * 32_769}, "text"),
        ({"text": "a\u0000b"}, "text"),
        ({"text": "a\u001bb"}, "text"),
        ({"text": 7}, "text"),
        ({"text": "x", "internal": "true"}, "internal"),
        ({"text": "x", "internal": None}, "internal"),
        ({"text": "x", "parent_id": 0}, "parent_id"),
        ({"text": "x", "parent_id": "1"}, "parent_id"),
        ({"text": "x", "mentions": [1] * 2}, "mentions"),
        ({"text": "x", "mentions": list(range(1, 52))}, "mentions"),
        ({"text": "x", "mentions": [99]}, "mentions.0"),
        ({"text": "x", "delay_seconds": 31}, "delay_seconds"),
        ({"text": "x", "delay_seconds": -1}, "delay_seconds"),
        ({"text": "x", "author": "me"}, "author"),
    ],
)
def test_a_bad_field_is_named(desk: Discussion, body: dict[str, Any], field: str) -> None:
    refused = desk.lea.call("POST", desk.path, body)
    assert refused.status_code == 400, refused.text
    assert field in [error["field"] for error in refused.json["errors"]]
    assert desk.texts(desk.lea) == []


def test_the_longest_text_is_stored_as_it_is(desk: Discussion) -> None:
    text = "\u05d0\u202e'\"\\{}\u2028" + "x" * 65_500
    assert desk.add(desk.lea, text)["text"] == text
    assert desk.texts(desk.lea) == [text]


def test_an_idempotency_key_adds_one_comment_and_forgets_its_text_with_it(desk: Discussion) -> None:
    sent = [desk.lea.call("POST", desk.path, {"text": "once"}, Idempotency_Key="k") for _ in range(3)]
    assert [answer.status_code for answer in sent] == [201, 201, 201]
    assert {answer.json["id"] for answer in sent} == {sent[0].json["id"]}
    assert desk.texts(desk.lea) == ["once"]
    assert len(desk.published()) == 1
    desk.lea.call("DELETE", f"/api/comments/{sent[0].json['id']}")
    again = desk.lea.call("POST", desk.path, {"text": "once"}, Idempotency_Key="k")
    assert again.status_code == 410
    assert "once" not in again.text


def test_a_deleted_ticket_takes_its_comments_along(desk: Discussion, rows: Rows) -> None:
    made = desk.lea.call("POST", desk.path, {"text": "hunter2"}, Idempotency_Key="k").json
    desk.add(desk.ann, "reply", parent_id=made["id"])
    desk.lea.call("PATCH", f"/api/comments/{made['id']}", {"text": "hunter3"})
    desk.ann.call("PUT", f"/api/comments/{made['id']}/rating", {"thumb": "up"})
    assert desk.lea.call("DELETE", f"/api/tickets/{desk.ticket}").status_code == 204
    for table in ("comments", "comment_revisions", "comment_ratings"):
        assert rows(f"select count(*) from {table}") == [(0,)]
    assert rows("select count(*) from outbox where type = 'ticket.commented'") == [(0,)]
    assert desk.lea.call("POST", desk.path, {"text": "hunter2"}, Idempotency_Key="k").status_code == 410
    assert desk.send(desk.lea, "late").status_code == 404
    assert desk.lea.call("GET", f"/api/comments/{made['id']}").status_code == 404
    assert desk.lea.call("GET", desk.path).status_code == 404


def test_a_comment_leaves_the_status_of_a_closed_ticket_alone(desk: Discussion) -> None:
    desk.ann.call("PUT", f"/api/tickets/{desk.ticket}/status", {"status": "closed"})
    desk.add(desk.ann, "It happens again.")
    assert desk.ann.get(f"/api/tickets/{desk.ticket}")["status"] == "closed"


def test_a_comment_makes_no_version_of_the_ticket_stale(desk: Discussion) -> None:
    before = desk.lea.call("GET", f"/api/tickets/{desk.ticket}")
    desk.add(desk.ann, "x")
    after = desk.lea.call("GET", f"/api/tickets/{desk.ticket}")
    assert after.json["revision"] == before.json["revision"] + 1
    assert after.headers["ETag"] != before.headers["ETag"]
    changed = desk.lea.call(
        "PATCH", f"/api/tickets/{desk.ticket}", {"priority": "high"}, If_Match=before.headers["ETag"]
    )
    assert changed.status_code == 200


def test_people_who_may_see_the_comment_are_mentioned(desk: Discussion) -> None:
    desk.person(8, "agent")
    desk.person(7, "requester")
    desk.person(70, "requester")
    desk.person(10, "agent", is_active=False)
    desk.person(11, "agent", company=2)
    made = desk.add(desk.max, "@Lea, @Ann", mentions=[8, 7])
    assert made["mentions"] == [8, 7]
    assert json.loads(desk.published()[0][1])["mentions"] == [8, 7]
    assert "mentions" not in desk.ann.get(f"/api/comments/{made['id']}")
    desk.add(desk.max, "@Lea", mentions=[8], internal=True)
    for mentioned, fields in ((7, {"internal": True}), (70, {}), (10, {}), (11, {}), (12, {})):
        refused = desk.send(desk.max, "x", mentions=[mentioned], **fields)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "mentions.0")
    known, unknown = (desk.send(desk.ann, "x", mentions=[number]) for number in (8, 12))
    assert known.status_code == unknown.status_code == 400
    assert known.json["errors"] == unknown.json["errors"]
