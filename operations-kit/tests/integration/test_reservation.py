"""Idempotency-Key for effects outside a transaction: the key is reserved before the work begins."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response, g
from service_kit.http.app import service_app
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.http.problems import Problem
from service_kit.http.reservation import reads, reserve
from service_kit.identity import ADMIN
from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader
from service_kit.testing.postgres import ServiceDatabase

from .conftest import SERVICE, Thing

Send = Callable[..., Any]
DONE: list[str] = []
BEGUN, HELD = threading.Event(), threading.Event()


@pytest.fixture
def app(made: ServiceDatabase) -> Flask:
    DONE.clear()
    BEGUN.clear()
    HELD.set()
    slow = Blueprint("slow", __name__)

    @slow.post("/effects")
    @allowed(ADMIN)
    @slow.arguments(Thing)
    def act(body: dict[str, Any]) -> Response:
        """Act outside of any transaction."""
        reservation = reserve()
        try:
            if body["name"] == "broken":
                raise Problem("broken", status=503)
            BEGUN.set()
            HELD.wait(10)
            DONE.append(body["name"])
        except BaseException:
            reservation.release()
            raise
        response = Response(f"done {len(DONE)} ✓", 202, {"Location": "/effects/1"}, content_type="text/event-stream")
        with g.session.begin():
            reservation.store(g.session, response)
        return response

    @slow.post("/looks")
    @allowed(ADMIN)
    @slow.arguments(Thing)
    @reads
    def look(body: dict[str, Any]) -> Response:
        """Change nothing."""
        DONE.append(body["name"])
        return json_response({"seen": len(DONE)})

    reader = Reader({"SMARTTICKET_ENV": "development"})
    settings = ServiceSettings(**read_service_settings(reader, service=SERVICE, schema="kit", port=5002))
    return service_app(settings, made.database, [slow])


def post(send: Send, path: str, name: str = "Büro", key: str = "k-1", **options: Any) -> Any:
    return send("POST", path, json={"name": name}, headers={"Idempotency-Key": key}, **options)


def test_a_duplicate_gets_the_first_response_unchanged_and_has_no_effect(send: Send) -> None:
    first, second = post(send, "/effects"), post(send, "/effects")
    assert (first.status_code, first.text) == (second.status_code, second.text) == (202, "done 1 ✓")
    assert first.content_type == second.content_type
    assert second.headers["Location"] == "/effects/1"
    assert second.headers["Idempotency-Replayed"] == "true"
    assert DONE == ["Büro"]


@pytest.mark.parametrize("path", ["/effects", "/looks"])
def test_another_request_under_the_same_key_is_a_422(send: Send, path: str) -> None:
    post(send, path)
    for other in (
        post(send, path, name="Lager"),
        post(send, "/looks" if path == "/effects" else "/effects"),
    ):
        assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    assert DONE == ["Büro"]
    assert post(send, path, name="Lager", company=2).status_code < 300


def test_a_request_that_failed_may_be_sent_again(send: Send) -> None:
    assert post(send, "/effects", name="broken").status_code == 503
    assert post(send, "/effects", name="broken").status_code == 503
    assert post(send, "/effects").status_code == 202


def test_a_duplicate_of_a_request_in_progress_waits_a_second_and_gets_a_409(send: Send) -> None:
    HELD.clear()
    first = threading.Thread(target=post, args=(send, "/effects"))
    first.start()
    assert BEGUN.wait(10)
    try:
        duplicate = post(send, "/effects")
        assert (duplicate.status_code, duplicate.json["code"], duplicate.headers["Retry-After"]) == (
            409,
            "in_progress",
            "1",
        )
    finally:
        HELD.set()
        first.join()
    assert post(send, "/effects").headers["Idempotency-Replayed"] == "true"
    assert DONE == ["Büro"]


def test_twenty_duplicates_at_once_act_once(send: Send) -> None:
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(post(send, "/effects"))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert DONE == ["Büro"]
    assert {response.status_code for response in answers} <= {202, 409, 503}
    assert {response.text for response in answers if response.status_code == 202} == {"done 1 ✓"}


def test_only_a_duplicate_takes_over_a_key_that_a_dead_process_left_reserved(send: Send, made: ServiceDatabase) -> None:
    post(send, "/effects")
    with made.admin() as admin, admin.cursor() as cursor:
        cursor.execute(
            "update kit.idempotency_keys set status = null, response = null, created_at = now() - interval '6 minutes'"
        )
    assert post(send, "/effects", name="Lager").status_code == 422
    assert post(send, "/effects").text == "done 2 ✓"


def test_a_read_under_the_same_key_is_computed_again_and_stores_nothing(send: Send, made: ServiceDatabase) -> None:
    assert [post(send, "/looks").json["seen"] for _ in range(2)] == [1, 2]
    assert made.rows("select response from kit.idempotency_keys") == [(None,)]


@pytest.mark.parametrize("path", ["/effects", "/looks"])
def test_a_bad_key_is_a_400_that_names_the_header(send: Send, path: str) -> None:
    response = post(send, path, key="with space")
    assert (response.status_code, response.json["errors"][0]["field"]) == (400, "Idempotency-Key")
    assert DONE == []
