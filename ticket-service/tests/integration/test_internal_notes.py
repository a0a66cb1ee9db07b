"""No outlet shows a requester anything of an internal note: not its text, its number, its author or its existence."""

from collections.abc import Callable
from typing import Any

import pytest
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, SERVICE
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api
from .discussion import ANN, LEA, Discussion

SECRET = "Zebrafink"
STAFF = {ADMIN: "user:1", MANAGER: "user:2", AGENT: "user:9", SERVICE: "rag-service"}
READS = {
    "the list": "/api/tickets/{ticket}/comments?limit=100",
    "the note": "/api/comments/{note}",
    "its revisions": "/api/comments/{note}/revisions",
    "its file": "/api/comments/{note}/files/{file}/content",
    "the ticket": "/api/tickets/{ticket}",
    "the run": "/tickets/{uuid}",
    "the trail": "/api/tickets/{ticket}/events?limit=100",
    "the trail by uuid": "/tickets/{uuid}/events?limit=100",
    "the tickets": "/api/tickets",
    "the search": f"/api/tickets?q={SECRET}",
    "the audit": "/api/audit?ticket_id={ticket}",
    "the jobs": "/api/jobs",
    "the files": "/api/files",
}
SHOWN_TO_STAFF = {"the list", "the note", "its revisions", "its file"}
"""The outlets that show staff the text; the search finds no comments at all."""


@pytest.fixture
def desk(api: Api, made: ServiceDatabase) -> Discussion:
    return Discussion(api, made)


@pytest.fixture
def note(desk: Discussion) -> dict[str, Any]:
    """An internal note that was edited and rated, with a reply, between two public comments."""
    desk.add(desk.ann, "before")
    file = desk.attachment(desk.lea, f"{SECRET} file".encode(), f"{SECRET}.txt")
    note = desk.add(desk.lea, f"{SECRET} one", internal=True, file_ids=[file["id"]])
    desk.lea.call("PATCH", f"/api/comments/{note['id']}", {"text": f"{SECRET} two"})
    desk.max.call("PUT", f"/api/comments/{note['id']}/rating", {"thumb": "up"})
    desk.add(desk.max, f"{SECRET} three", internal=True, parent_id=note["id"])
    desk.add(desk.lea, "after")
    return note


def path_of(outlet: str, desk: Discussion, note: dict[str, Any]) -> str:
    return READS[outlet].format(
        ticket=desk.ticket, note=note["id"], uuid=note["ticket_uuid"], file=note["files"][0]["id"]
    )


@pytest.mark.parametrize("outlet", READS)
@pytest.mark.parametrize("subject", [ANN, "user:70"])
def test_no_outlet_shows_a_requester_a_note(desk: Discussion, note: dict[str, Any], outlet: str, subject: str) -> None:
    requester = Api(desk.ann.client, role=REQUESTER, subject=subject)
    answer = requester.call("GET", path_of(outlet, desk, note))
    for trace in (SECRET, note["uuid"], f'"id":{note["id"]},', LEA, "user:9", '"internal":true'):
        assert trace not in answer.text
    if outlet in ("the note", "its revisions", "its file"):
        assert answer.status_code in (403, 404)


@pytest.mark.parametrize("outlet", READS)
@pytest.mark.parametrize("role", STAFF)
def test_the_staff_reads_a_note(desk: Discussion, note: dict[str, Any], outlet: str, role: str) -> None:
    reader = Api(desk.ann.client, role=role, subject=STAFF[role])
    with reader.call("GET", path_of(outlet, desk, note)) as answer:
        assert (SECRET in answer.text) == (outlet in SHOWN_TO_STAFF)


def test_a_note_that_is_hidden_answers_as_one_that_does_not_exist(desk: Discussion, note: dict[str, Any]) -> None:
    for method, below, body in (
        ("GET", "", None),
        ("PATCH", "", {"text": "x"}),
        ("DELETE", "", None),
        ("PUT", "/rating", {"thumb": "up"}),
    ):
        found = desk.ann.call(method, f"/api/comments/{note['id']}{below}", body)
        missing = desk.ann.call(method, f"/api/comments/{2**60}{below}", body)
        assert found.status_code == missing.status_code == 404
        assert found.json["detail"] == missing.json["detail"]
        assert found.json["code"] == missing.json["code"] == "comment_not_found"
    found, missing = (desk.send(desk.ann, "x", parent_id=number) for number in (note["id"], 2**60))
    assert found.status_code == missing.status_code == 400
    assert found.json["errors"] == missing.json["errors"]


def test_a_note_changes_nothing_that_the_requester_sees_of_the_ticket(desk: Discussion) -> None:
    path = f"/api/tickets/{desk.ticket}"
    before = desk.ann.call("GET", path)
    note = desk.add(desk.lea, SECRET, internal=True)
    desk.lea.call("PATCH", f"/api/comments/{note['id']}", {"text": "other"})
    desk.lea.call("DELETE", f"/api/comments/{note['id']}")
    after = desk.ann.call("GET", path)
    assert (after.json, after.headers["ETag"]) == (before.json, before.headers["ETag"])
    assert desk.texts(desk.ann) == []


def test_a_requester_writes_no_note_and_the_public_replies_to_none(desk: Discussion, note: dict[str, Any]) -> None:
    assert desk.send(desk.ann, "x", internal=True).status_code == 403
    refused = desk.send(desk.lea, "x", parent_id=note["id"])
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "parent_id")
    assert desk.texts(desk.ann) == ["before", "after"]


def test_a_note_stays_a_note(desk: Discussion, note: dict[str, Any]) -> None:
    refused = desk.lea.call("PATCH", f"/api/comments/{note['id']}", {"text": "x", "internal": False})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "internal")
    assert desk.lea.get(f"/api/comments/{note['id']}")["internal"] is True


def test_a_requester_learns_no_name_of_the_staff(desk: Discussion) -> None:
    desk.add(desk.lea, "from the staff")
    desk.add(desk.ann, "from me")
    listed = desk.ann.get(desk.path)["items"]
    assert [(item["author"], item["author_kind"]) for item in listed] == [
        ("staff", "agent"),
        (f"person:{ANN}", "requester"),
    ]


def test_comments_of_another_requester_or_company_are_not_there(desk: Discussion) -> None:
    made = desk.add(desk.lea, "x")
    for other in (desk.ben, desk.foreign):
        for method, path, body in (
            ("GET", desk.path, None),
            ("POST", desk.path, {"text": "x"}),
            ("GET", f"/api/comments/{made['id']}", None),
            ("PATCH", f"/api/comments/{made['id']}", {"text": "x"}),
            ("DELETE", f"/api/comments/{made['id']}", None),
            ("PUT", f"/api/comments/{made['id']}/rating", {"thumb": "up"}),
        ):
            assert other.call(method, path, body).status_code == 404, (method, path)
    assert desk.foreign.call("GET", f"/api/comments/{made['id']}/revisions").status_code == 404


def test_the_events_of_notes_say_that_they_are_internal(
    desk: Discussion, note: dict[str, Any], rows: Callable[..., list[tuple[Any, ...]]]
) -> None:
    assert [(revision, '"internal":true' in body) for revision, body in desk.published()] == [
        (2, False),
        (3, True),
        (5, True),
        (6, False),
    ]
    assert [(kind, revision, body["internal"]) for kind, revision, body in desk.changes()] == [
        ("ticket.comment.updated", 4, True)
    ]
    assert rows("select revision from tickets") == [(6,)]
    assert not rows("select body from outbox where body like %s", f"%{SECRET}%")
