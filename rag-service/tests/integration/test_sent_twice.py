"""A POST that is sent twice under one Idempotency-Key happens once."""

from typing import Any

import pytest

from ..conftest import QUESTION, Api, Rows, World, eventually

EVENT = {"event": "ticket.created", "ticket_id": 7, "title": "Drucker", "description": "druckt nicht", "company_id": 1}
TWICE = [
    ("/rag/questions", {"items": [{"question": "Où est la clé ?", "expected": ["plan.md"]}]}, "questions"),
    ("/rag/rebuild", None, "outbox"),
    ("/rag/events", EVENT, "outbox"),
    ("/rag/answers", {"question": "Où est la clé ?", "steps": ["À l'accueil."]}, "approved_answers"),
]


def twice(api: Api, path: str, body: Any) -> tuple[Any, Any]:
    first = api.call("POST", path, body, Idempotency_Key="k-1")
    assert first.text  # read to its end: a stream is under way until then
    return first, api.call("POST", path, body, Idempotency_Key="k-1")


@pytest.mark.parametrize(("path", "body", "table"), TWICE)
def test_the_second_time_gives_the_first_answer_and_has_no_effect(
    api: Api, rows: Rows, path: str, body: Any, table: str
) -> None:
    first, second = twice(api, path, body)
    assert first.status_code in {201, 202}, first.text
    assert (second.status_code, second.text) == (first.status_code, first.text)
    assert second.headers["Idempotency-Replayed"] == "true"
    if table in {"questions", "outbox"}:
        assert rows(f"select count(*) from {table}") == [(1,)]


def test_the_same_chat_gets_the_final_event_again_and_is_one_turn(read: World, api: Api, rows: Rows) -> None:
    first, second = twice(api, "/rag/chat", {"message": QUESTION})
    assert "event: stage" in first.text
    assert second.text == first.text[first.text.index("event: final") :]
    assert second.content_type == first.content_type
    assert second.headers["Idempotency-Replayed"] == "true"
    assert rows("select count(*) from turns") == rows("select count(*) from conversations") == [(1,)]
    other = api.call("POST", "/rag/chat", {"message": "hi"}, Idempotency_Key="k-1")
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")


def test_a_stored_answer_goes_with_the_document_that_it_quotes(world: World, api: Api) -> None:
    file = world.upload("handbook.md", "# VPN\nThe VPN client is restarted by pressing the red button twice.")
    world.announced("document.ingested")
    body = {"message": "How is the VPN client restarted?"}
    first = api.call("POST", "/rag/chat", body, Idempotency_Key="k-1")
    assert "red button" in first.text
    world.delete(file)

    def again() -> Any:
        return api.call("POST", "/rag/chat", body, Idempotency_Key="k-1")

    eventually(lambda: again().status_code == 410)
    assert "red button" not in again().text


def test_a_chat_that_could_not_begin_may_be_sent_again(api: Api) -> None:
    body = {"message": "hi", "conversation_id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}
    assert [answer.status_code for answer in twice(api, "/rag/chat", body)] == [404, 404]


@pytest.mark.parametrize(
    ("path", "body", "other"),
    [
        ("/rag/retrieve", {"query": "clé"}, {"query": "clef"}),
        ("/rag/solution", {"ticket_description": "clé"}, {"ticket_description": "clé", "context": {"title": "x"}}),
    ],
)
def test_reading_accepts_a_key_and_refuses_another_body_under_it(
    api: Api, rows: Rows, path: str, body: Any, other: Any
) -> None:
    assert [answer.status_code for answer in twice(api, path, body)] == [200, 200]
    assert api.call("POST", path, other, Idempotency_Key="k-1").status_code == 422
    assert rows("select response from idempotency_keys") == [(None,)]
