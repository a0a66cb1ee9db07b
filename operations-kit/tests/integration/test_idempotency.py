"""Requests with the same Idempotency-Key have one effect and one response."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from service_kit.testing.postgres import ServiceDatabase

Send = Callable[..., Any]


def make(send: Send, key: str | None, name: str = "a", **options: Any) -> Any:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return send("POST", "/things", json={"name": name}, headers=headers, **options)


def count(made: ServiceDatabase) -> int:
    with made.admin() as admin, admin.cursor() as cursor:
        cursor.execute("select count(*) from kit.tombstones")
        found: int = cursor.fetchone()[0]
        return found


def test_a_duplicate_gets_the_first_response_and_has_no_effect(send: Send, made: ServiceDatabase) -> None:
    first, second = make(send, "k1"), make(send, "k1")
    assert first.status_code == second.status_code == 201
    assert first.json == second.json
    assert first.headers["Location"] == second.headers["Location"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert count(made) == 1


def test_another_body_under_the_same_key_is_a_422_and_has_no_effect(send: Send, made: ServiceDatabase) -> None:
    make(send, "k1")
    response = make(send, "k1", name="b")
    assert response.status_code == 422
    assert response.json["code"] == "idempotency_key_reused"
    assert count(made) == 1


def test_a_key_belongs_to_its_caller(send: Send, made: ServiceDatabase) -> None:
    make(send, "k1")
    theirs = make(send, "k1", name="b", subject="bob")
    assert (theirs.status_code, theirs.headers.get("Idempotency-Replayed")) == (201, None)
    assert count(made) == 2


def test_a_key_belongs_to_its_company(send: Send, made: ServiceDatabase) -> None:
    make(send, "k1")
    assert "Idempotency-Replayed" not in make(send, "k1", company=2).headers
    assert count(made) == 2


def test_a_request_that_failed_may_be_sent_again(send: Send, made: ServiceDatabase) -> None:
    make(send, None, name="a")
    assert make(send, "k1", name="a").status_code >= 400  # that subject has its row already
    with made.admin() as admin, admin.cursor() as cursor:
        cursor.execute("delete from kit.tombstones")
    assert make(send, "k1", name="a").status_code == 201


def test_twenty_duplicates_at_once_have_one_effect_and_one_response(send: Send, made: ServiceDatabase) -> None:
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(make(send, "k1"))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(made) == 1
    assert {response.status_code for response in answers} <= {201, 409, 503}
    good = [response for response in answers if response.status_code == 201]
    assert len(good) >= 1
    assert len({response.data for response in good}) == 1


def test_a_duplicate_of_a_request_longer_than_a_second_is_a_409(send: Send, made: ServiceDatabase) -> None:
    with made.admin() as admin, admin.cursor() as cursor:
        admin.autocommit = False
        cursor.execute(
            "insert into kit.idempotency_keys (company_id, key, subject, route, request_hash)"
            " values (1, 'k1 ada', 'ada', 'r', 'h')"
        )
        response = make(send, "k1")
        admin.rollback()
        admin.autocommit = True
    assert response.status_code == 409
    assert response.json["code"] == "in_progress"
    assert response.headers["Retry-After"] == "1"
    assert make(send, "k1").status_code == 201


@pytest.mark.parametrize(("hours", "age", "is_new"), [(24, 25, True), (24, 23, False), (1, 2, True), (72, 71, False)])
def test_a_key_expires_after_the_hours_of_the_setting(
    app: Flask, send: Send, made: ServiceDatabase, hours: int, age: int, is_new: bool
) -> None:
    state = app.extensions["service_kit"]
    state.settings = replace(state.settings, idempotency_hours=hours)
    make(send, "k1")
    with made.admin() as admin, admin.cursor() as cursor:
        cursor.execute("update kit.idempotency_keys set created_at = now() - make_interval(hours => %s)", (age,))
    response = make(send, "k1", name="b")
    assert response.status_code == (201 if is_new else 422)
    assert count(made) == (2 if is_new else 1)


def test_the_lock_timeout_is_the_default_after_the_claim(send: Send, made: ServiceDatabase) -> None:
    def lock_timeout() -> Any:
        with made.database.session(1) as session, session.begin():
            return session.connection().exec_driver_sql("show lock_timeout").scalar_one()

    before = lock_timeout()
    make(send, "k1")
    assert before == lock_timeout() != "1s"


@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "ü", "tab\t"])
def test_a_bad_key_is_a_400_that_names_the_header(send: Send, made: ServiceDatabase, key: str) -> None:
    response = make(send, key)
    assert response.status_code == 400
    assert response.json["errors"][0]["field"] == "Idempotency-Key"
    assert count(made) == 0
