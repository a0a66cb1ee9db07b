"""The client against a server that answers what a test says."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from smartticket_client import (
    NO_RETRIES,
    Client,
    Conflict,
    Forbidden,
    Invalid,
    Login,
    NoAnswer,
    NotFound,
    Problem,
    ServerProblem,
    Stale,
    TooManyRequests,
    Unauthorized,
)
from smartticket_client.resource import filled

from .conftest import QUICK, Answer, Server, problem


def test_a_body_is_sent_as_json_and_the_answer_returned(server: Server, client: Client) -> None:
    server.answer(201, {"id": 7, "title": "Ü"})
    ticket = client.tickets.create(title="Ü", description="d", user_name="Ann", user_email="a@b.example")
    assert ticket["id"] == 7
    assert (server.last["method"], server.last["path"]) == ("POST", "/api/tickets")
    assert json.loads(server.last["body"]) == {
        "title": "Ü", "description": "d", "user_name": "Ann", "user_email": "a@b.example",
    }  # fmt: skip
    assert server.last["headers"]["Authorization"] == "Bearer stk_key"
    assert server.last["headers"]["Content-Type"] == "application/json"


def test_a_path_s_parameters_are_encoded(server: Server, client: Client) -> None:
    client.departments.get("R&D / Süd")
    assert server.last["path"] == "/api/departments/R%26D%20%2F%20S%C3%BCd"
    assert filled("/a/{b}/c/{d}", (1, "x/y")) == "/a/1/c/x%2Fy"


def test_query_fields_repeat_and_none_is_left_out(server: Server, client: Client) -> None:
    server.answer(200, {"count": 0, "tickets": [], "next": None})
    assert list(client.tickets.list(status=["pending", "on_hold"], need_admin=True, q="a b&c")) == []
    assert server.last["query"] == {"status": ["pending", "on_hold"], "need_admin": ["true"], "q": ["a b&c"]}


def test_rows_go_through_all_pages(server: Server, client: Client) -> None:
    for rows, following in (([1, 2], "c1"), ([3], "c2"), ([], None)):
        server.answer(200, {"count": len(rows), "items": [{"id": each} for each in rows], "next": following})
    assert [team["id"] for team in client.teams.list(limit=2)] == [1, 2, 3]
    assert [each["query"].get("cursor") for each in server.received] == [None, ["c1"], ["c2"]]
    assert all(each["query"]["limit"] == ["2"] for each in server.received)


def test_the_first_page_alone_is_one_request(server: Server, client: Client) -> None:
    server.answer(200, {"count": 1, "items": [{"id": 1}], "next": "more"})
    assert [team["id"] for team in client.teams.list().first_page()] == [1]
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Invalid), (413, Invalid), (415, Invalid), (422, Invalid), (401, Unauthorized), (403, Forbidden),
        (404, NotFound), (410, NotFound), (409, Conflict), (412, Stale), (418, Problem), (500, ServerProblem),
    ],
)  # fmt: skip
def test_a_problem_is_an_exception_with_code_and_fields(
    server: Server, client: Client, status: int, kind: type[Problem]
) -> None:
    errors = [{"field": "title", "message": "Missing."}]
    server.answer(status, problem("a_code", detail="Some text.", errors=errors))
    with pytest.raises(Problem) as raised:
        client.tickets.get(1)
    assert type(raised.value) is kind
    assert (raised.value.status, raised.value.code, raised.value.errors) == (status, "a_code", errors)
    assert (raised.value.detail, raised.value.request_id) == ("Some text.", "r-1")
    assert "title: Missing." in str(raised.value)
    assert len(server.received) == 1, "nothing is tried again that would fail again"


def test_an_error_without_a_problem_s_body_has_its_status(server: Server, client: Client) -> None:
    server.answer(502, b"<html>proxy</html>")
    with Client(server.url, retries=NO_RETRIES) as hasty, pytest.raises(ServerProblem) as raised:
        hasty.tickets.get(1)
    assert (raised.value.status, raised.value.code) == (502, "")


@pytest.mark.parametrize("status", [502, 503, 504, 0])
def test_what_failed_on_its_way_is_sent_again(server: Server, client: Client, status: int) -> None:
    for _ in range(2):
        server.answer(status, problem("unavailable"))
    server.answer(200, {"id": 7})
    assert client.tickets.get(7)["id"] == 7
    assert len(server.received) == 3


@pytest.mark.parametrize("status", [502, 503, 504, 0])
def test_a_post_is_sent_again_with_the_same_key(server: Server, client: Client, status: int) -> None:
    server.answer(status, problem("unavailable"))
    server.answer(409, problem("in_progress"), Retry_After="0")
    server.answer(201, {"id": 7})
    client.tickets.create(title="t", description="d")
    keys = [each["headers"]["Idempotency-Key"] for each in server.received]
    assert len(keys) == 3
    assert len(set(keys)) == 1
    client.tickets.create(title="t", description="d")
    assert server.last["headers"]["Idempotency-Key"] not in keys, "another call is another ticket"


@pytest.mark.parametrize("status", [503, 0])
def test_a_patch_is_sent_once_unless_it_has_a_key(server: Server, client: Client, status: int) -> None:
    server.answer(status, problem("unavailable"))
    with pytest.raises((ServerProblem, NoAnswer)):
        client.tickets.update(1, title="t")
    assert len(server.received) == 1
    server.answer(status, problem("unavailable"))
    server.answer(200, {"id": 1})
    client.with_options(idempotency_key="k").tickets.update(1, title="t")
    assert [each["headers"].get("Idempotency-Key") for each in server.received[1:]] == ["k", "k"]


def test_a_limit_is_waited_for_whatever_the_method(server: Server, client: Client) -> None:
    server.answer(429, problem("too_many_requests"), Retry_After="1")
    server.answer(200, {"id": 1})
    began = time.monotonic()
    client.tickets.update(1, title="t")
    assert time.monotonic() - began >= 1
    server.answer(429, problem("too_many_requests"), Retry_After="3600")
    with pytest.raises(TooManyRequests) as raised:
        client.tickets.update(1, title="t")
    assert raised.value.retry_after == 3600


def test_the_tries_end(server: Server, client: Client) -> None:
    for _ in range(9):
        server.answer(503, problem("unavailable"))
    with pytest.raises(ServerProblem):
        client.tickets.get(1)
    assert len(server.received) == QUICK.attempts


def test_a_server_that_is_not_there_is_no_answer() -> None:
    with Client("http://127.0.0.1:9", retries=QUICK) as client, pytest.raises(NoAnswer, match="no answer"):
        client.tickets.get(1)


def test_an_answer_that_takes_too_long_is_no_answer(server: Server) -> None:
    listening = threading.Event()
    server.answers = _Slow(listening)  # type: ignore[assignment]
    with Client(server.url, timeout=0.05, retries=NO_RETRIES) as client, pytest.raises(NoAnswer, match="ReadTimeout"):
        client.tickets.get(1)
    listening.set()


class _Slow(list[Answer]):
    """Answers once an event is set."""

    def __init__(self, event: threading.Event) -> None:
        super().__init__([(200, {}, {})])
        self._event = event

    def pop(self, _index: Any = 0) -> Answer:
        self._event.wait(30)
        return 200, {}, {}


def test_an_answer_that_is_no_json_is_no_answer(server: Server, client: Client) -> None:
    server.answer(200, b"<html>", Content_Type="text/html")
    with pytest.raises(NoAnswer):
        client.tickets.get(1)


def test_options_become_headers_and_leave_the_client_as_it_is(server: Server, client: Client) -> None:
    client.with_options(if_version=3, prefer="wait=5", headers={"X-Request-ID": "r"}).tickets.update(1, title="t")
    sent = server.last["headers"]
    assert (sent["If-Match"], sent["Prefer"], sent["X-Request-ID"]) == ('"3"', "wait=5", "r")
    client.tickets.update(1, title="t")
    assert not {"If-Match", "Prefer", "X-Request-ID"} & server.last["headers"].keys()


def test_an_empty_answer_is_none(server: Server, client: Client) -> None:
    server.answer(204)
    assert client.tickets.delete(1) is None  # type: ignore[func-returns-value]


def test_bytes_are_returned_as_they_are(server: Server, client: Client) -> None:
    server.answer(200, b"\x00\xffbytes", Content_Type="application/octet-stream")
    assert client.files.get_content("f") == b"\x00\xffbytes"


def test_a_file_is_uploaded_whole_at_every_try(server: Server, client: Client, tmp_path: Path) -> None:
    path = tmp_path / "Prices Ü.txt"
    path.write_bytes(b"all of it" * 1000)
    server.answer(503, problem("unavailable"))
    server.answer(201, {"item": {"id": "f"}})
    client.files.create(file=path, kind="text")
    for received in server.received:
        assert received["body"].count(b"all of it") == 1000
        assert b'name="kind"\r\n\r\ntext' in received["body"]
    client.files.create(file=("notes.md", b"# A"))
    assert b'filename="notes.md"' in server.last["body"]
    assert b'name="kind"' not in server.last["body"]


def test_a_stream_is_a_series_of_events(server: Server, client: Client) -> None:
    text = 'event: stage\ndata: {"a": 1}\n\n: beat\n\nevent: final\ndata: one\ndata: two\n\n'
    server.answer(200, text.encode(), Content_Type="text/event-stream")
    assert list(client.rag.chat(message="?")) == [("stage", '{"a": 1}'), ("final", "one\ntwo")]


def test_a_job_is_waited_for(server: Server, client: Client) -> None:
    for state in ("queued", "running", "done"):
        server.answer(200, {"id": "j", "state": state, "items": []})
    assert client.wait_for_job("j")["state"] == "done"
    server.answer(200, {"id": "j", "state": "running", "items": []})
    with pytest.raises(TimeoutError, match="running"):
        client.wait_for_job("j", timeout=-1)


def test_a_key_and_a_login_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="not both"):
        Client(api_key="k", login=Login("a@b.example", "p"))
