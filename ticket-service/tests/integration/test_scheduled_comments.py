"""A scheduled comment is its author's alone until the worker sends it; it is sent or taken back, never both."""

import json
import threading
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase
from ticket_service import service
from ticket_service.settings import Settings
from ticket_service.usecases import send_scheduled as sending
from ticket_service.usecases.send_scheduled import send_due, send_one, send_scheduled

from ..conftest import Api
from .discussion import LEA, Discussion

Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def desk(api: Api, made: ServiceDatabase) -> Discussion:
    return Discussion(api, made)


@pytest.fixture
def database(read: Callable[..., Settings]) -> Iterator[Database]:
    """The database of a worker."""
    process = service.SERVICE.instance(read())
    yield process.database
    process.close()


def let_time_pass(made: ServiceDatabase, seconds: int = 30) -> None:
    """Make every scheduled comment older."""
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute(
            "update comments set sent_at = sent_at - make_interval(secs => %s) where state = 'scheduled'", (seconds,)
        )


def test_the_author_alone_sees_a_scheduled_comment(desk: Discussion) -> None:
    made = desk.add(desk.lea, "soon", delay_seconds=30)
    assert (made["state"], made["sent_at"], made["send_at"] > made["created_at"]) == ("scheduled", None, True)
    path = f"/api/comments/{made['id']}"
    assert desk.texts(desk.lea) == ["soon"]
    for other in (desk.ann, desk.max, desk.manager, desk.admin):
        assert desk.texts(other) == []
        assert other.call("GET", path).status_code == 404
        assert other.call("PATCH", path, {"text": "x"}).status_code == 404
        assert other.call("DELETE", path).status_code == 404
        refused = desk.send(other, "x", parent_id=made["id"])
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "parent_id")
    assert desk.send(desk.lea, "x", parent_id=made["id"]).status_code == 400
    assert desk.published() == []
    assert [entry["event_type"] for entry in desk.lea.trail(desk.ticket)] == ["created"]


def test_the_worker_sends_a_comment_at_its_time(desk: Discussion, database: Database, rows: Rows) -> None:
    made = desk.lea.call("POST", desk.path, {"text": "soon", "delay_seconds": 30}, X_Request_ID="written").json
    assert send_due(database) == 0
    let_time_pass(desk.made)
    assert (send_due(database), send_due(database)) == (1, 0)
    sent = desk.ann.get(f"/api/comments/{made['id']}")
    assert (sent["state"], sent["send_at"], sent["version"], sent["edited_at"]) == ("sent", None, 2, None)
    assert sent["sent_at"] > made["created_at"]
    ((revision, body),) = desk.published()
    assert (revision, json.loads(body)["comment_id"]) == (2, made["id"])
    assert rows("select request_id from outbox where type = 'ticket.commented'") == [("written",)]
    entry = desk.lea.trail(desk.ticket)[-1]
    assert (entry["event_type"], entry["actor"], entry["request_id"]) == ("comment", f"person:{LEA}", "written")
    assert rows("select action, actor from audit where record = 'comment' order by at") == [
        ("comment.created", LEA),
        ("comment.updated", LEA),
    ]


def test_comments_of_all_companies_are_sent(desk: Discussion, database: Database) -> None:
    number = desk.foreign.create()["id"]
    desk.foreign.call("POST", f"/api/tickets/{number}/comments", {"text": "x", "delay_seconds": 1})
    desk.add(desk.lea, "y", delay_seconds=1)
    let_time_pass(desk.made)
    assert send_due(database) == 2
    assert desk.foreign.get(f"/api/tickets/{number}/comments")["items"][0]["state"] == "sent"


def test_a_comment_that_is_taken_back_has_never_been(desk: Discussion, database: Database, rows: Rows) -> None:
    sent = {"text": "hunter2", "delay_seconds": 30}
    made = desk.lea.call("POST", desk.path, sent, Idempotency_Key="k").json
    assert desk.lea.call("DELETE", f"/api/comments/{made['id']}").status_code == 204
    assert rows("select count(*) from comments") == [(0,)]
    let_time_pass(desk.made)
    assert send_due(database) == 0
    assert desk.published() == []
    assert [entry["event_type"] for entry in desk.lea.trail(desk.ticket)] == ["created"]
    assert "hunter2" not in desk.lea.call("POST", desk.path, sent, Idempotency_Key="k").text


def test_a_tag_of_the_scheduled_comment_deletes_no_comment_that_was_sent(desk: Discussion, database: Database) -> None:
    first, second = (
        desk.lea.call("POST", desk.path, {"text": text, "delay_seconds": 30}) for text in ("first", "second")
    )
    let_time_pass(desk.made)
    send_due(database)
    path = f"/api/comments/{first.json['id']}"
    late = desk.lea.call("DELETE", path, If_Match=first.headers["ETag"])
    assert (late.status_code, late.json["code"]) == (412, "stale_version")
    assert desk.lea.call("DELETE", f"/api/comments/{second.json['id']}").status_code == 204
    assert desk.texts(desk.ann) == ["first", None]


def test_nobody_has_read_what_is_changed_before_it_is_sent(desk: Discussion, database: Database) -> None:
    path = f"/api/comments/{desk.add(desk.lea, 'hunter2', delay_seconds=30)['id']}"
    changed = desk.lea.call("PATCH", path, {"text": "hello"}).json
    assert (changed["text"], changed["edited_at"], changed["state"]) == ("hello", None, "scheduled")
    let_time_pass(desk.made)
    send_due(database)
    assert desk.texts(desk.ann) == ["hello"]
    assert desk.max.every(f"{path}/revisions") == []


def test_a_ticket_that_is_deleted_takes_its_scheduled_comments_along(desk: Discussion, database: Database) -> None:
    desk.add(desk.lea, "soon", delay_seconds=30)
    let_time_pass(desk.made)
    desk.lea.call("DELETE", f"/api/tickets/{desk.ticket}")
    assert send_due(database) == 0
    assert desk.published() == []


def test_a_comment_is_either_sent_or_taken_back(desk: Discussion, database: Database, rows: Rows) -> None:
    """Two workers and its author at once, again and again: one of them wins, and only a sent comment has an event."""
    ends = {"sent": 0, "taken back": 0}
    for number in range(30):
        made = desk.add(desk.lea, str(number), delay_seconds=1)
        let_time_pass(desk.made)
        start = threading.Barrier(3)
        won: list[bool] = []
        answers: list[int] = []

        def send(comment_id: int = made["id"], start: threading.Barrier = start, won: list[bool] = won) -> None:
            start.wait(10)
            won.append(send_one(database, 1, comment_id))

        def take_back(
            path: str = f"/api/comments/{made['id']}",
            start: threading.Barrier = start,
            answers: list[int] = answers,
            tag: str = f'"{made["version"]}"',
        ) -> None:
            author = Api(desk.lea.client.application.test_client(), role=desk.lea.role, subject=LEA)
            start.wait(10)
            answers.append(author.call("DELETE", path, If_Match=tag).status_code)

        threads = [threading.Thread(target=target) for target in (send, send, take_back)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        (answer,) = answers
        assert len(won) == 2
        assert (sum(won), answer) in ((1, 412), (0, 204))
        events = rows(
            "select count(*) from outbox where type = 'ticket.commented'"
            " and cast(cast(body as json) ->> 'comment_id' as bigint) = %s",
            made["id"],
        )
        assert events == [(sum(won),)]
        assert rows("select count(*) from comments where id = %s", made["id"]) == [(sum(won),)]
        ends["sent" if won.count(True) else "taken back"] += 1
    assert sum(ends.values()) == 30


def test_a_comment_that_can_not_be_sent_holds_up_no_other(
    desk: Discussion, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (desk.add(desk.lea, text, delay_seconds=1)["id"] for text in ("bad", "good"))
    let_time_pass(desk.made)

    def fail(database: Database, company_id: int, comment_id: int) -> bool:
        if comment_id == bad:
            raise ValueError("bad")
        return send_one(database, company_id, comment_id)

    monkeypatch.setattr(sending, "send_one", fail)
    assert send_due(database) == 1
    assert desk.max.get(f"/api/comments/{good}")["state"] == "sent"


def test_the_loop_goes_on_after_a_failure_and_ends_when_it_is_to(
    desk: Discussion, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = desk.add(desk.lea, "soon", delay_seconds=1)
    let_time_pass(desk.made)
    stopping, looks = Event(), []

    def look(database: Database, stopping: Event) -> int:
        looks.append(1)
        if len(looks) == 1:
            raise ConnectionError
        sent = send_due(database, stopping)
        stopping_soon.set()
        return sent

    stopping_soon = Event()
    monkeypatch.setattr(sending, "INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(sending, "send_due", look)
    loop = threading.Thread(target=send_scheduled, args=(database, stopping))
    loop.start()
    assert stopping_soon.wait(30)
    stopping.set()
    loop.join(30)
    assert not loop.is_alive()
    assert desk.ann.get(f"/api/comments/{made['id']}")["state"] == "sent"
