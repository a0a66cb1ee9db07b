"""Idempotency-Key: sent twice, done once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from ..conftest import DRAFT, Api

Rows = Callable[..., list[tuple[Any, ...]]]
MAIL = {"subject": "No access", "body": "I can't log in.", "customer_id": "cust_12345"}


@pytest.mark.parametrize(("path", "body"), [("/api/tickets", DRAFT), ("/tickets", MAIL)])
def test_a_repeated_post_gets_the_first_answer_again(api: Api, rows: Rows, path: str, body: dict[str, Any]) -> None:
    first = api.call("POST", path, body, Idempotency_Key="k-1")
    again = api.call("POST", path, body, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]
    assert rows("select count(*) from tickets") == [(1,)]
    assert rows("select count(*) from outbox") == [(1,)]


def test_a_key_with_another_body_is_422_and_of_another_company_another_key(api: Api, rows: Rows) -> None:
    assert api.call("POST", "/api/tickets", DRAFT, Idempotency_Key="k-1").status_code == 201
    other = api.call("POST", "/api/tickets", DRAFT | {"title": "x"}, Idempotency_Key="k-1")
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    other_company = Api(api.client, company=2)
    assert other_company.call("POST", "/api/tickets", DRAFT, Idempotency_Key="k-1").status_code == 201
    assert rows("select company_id from tickets order by 1") == [(1,), (2,)]


def test_a_refused_post_uses_up_no_key(api: Api) -> None:
    assert api.call("POST", "/api/tickets", DRAFT | {"title": ""}, Idempotency_Key="k-1").status_code == 400
    assert api.call("POST", "/api/tickets", DRAFT, Idempotency_Key="k-1").status_code == 201


def test_twenty_equal_posts_with_one_key_make_one_ticket(app: Flask, api: Api, rows: Rows) -> None:
    def post(_: int) -> Any:
        return Api(app.test_client()).call("POST", "/api/tickets", DRAFT, Idempotency_Key="k-1")

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(post, range(20)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json["id"] for answer in answers if answer.status_code == 201}) == 1
    assert rows("select count(*) from tickets") == [(1,)]


def test_the_stored_answer_of_a_deleted_ticket_holds_no_text(api: Api, rows: Rows) -> None:
    ticket = api.call("POST", "/api/tickets", DRAFT | {"title": "A secret"}, Idempotency_Key="k-1").json
    api.call("DELETE", f"/api/tickets/{ticket['id']}")
    assert rows("select count(*) from idempotency_keys where response like '%%secret%%'") == [(0,)]
    again = api.call("POST", "/api/tickets", DRAFT | {"title": "A secret"}, Idempotency_Key="k-1")
    assert (again.status_code, again.content_type) == (410, "application/problem+json")
    assert rows("select count(*) from tickets") == [(0,)]
