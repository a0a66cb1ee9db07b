"""A POST sent twice with one Idempotency-Key happens once; another body with the key is refused."""

import io
from typing import Any

import pytest

from ..conftest import Api, Rows

LINES = "\n".join(["title,department", *(f"Ticket {n} – Drucker,{('HR', 'IT')[n % 2]}" for n in range(60))]).encode()
OTHER = LINES.replace(b"Drucker", "Écran".encode())


def send(api: Api, content: bytes = LINES, *, folds: str = "3", form: bool = True, test: bytes | None = None) -> Any:
    headers = {"Idempotency-Key": "k-1"}
    if not form:
        return api.send("POST", f"/api/evaluation?folds={folds}", headers, data=content, content_type="text/csv")
    data: dict[str, Any] = {"file": (io.BytesIO(content), "a.csv"), "folds": folds}
    if test is not None:
        data["test"] = (io.BytesIO(test), "b.csv")
    return api.send("POST", "/api/evaluation", headers, data=data, content_type="multipart/form-data")


@pytest.mark.parametrize("form", [True, False])
def test_an_evaluation_of_the_same_file_is_one(api: Api, rows: Rows, form: bool) -> None:
    first, second = send(api, form=form), send(api, form=form)
    assert first.status_code == 202, first.text
    assert (second.status_code, second.json) == (202, first.json)
    assert second.headers["Location"] == first.headers["Location"]
    assert rows("select count(*) from evaluations") == [(1,)]


@pytest.mark.parametrize(
    "change", [{"content": OTHER}, {"folds": "4"}, {"test": OTHER}], ids=["another file", "another option", "a test"]
)
def test_another_evaluation_under_the_same_key_is_a_422(api: Api, rows: Rows, change: dict[str, Any]) -> None:
    send(api)
    answered = send(api, **change)
    assert (answered.status_code, answered.json["code"]) == (422, "idempotency_key_reused")
    assert rows("select count(*) from evaluations") == [(1,)]


def test_a_backtest_is_one(api: Api, rows: Rows) -> None:
    rows(
        "insert into examples (company_id, ticket_id, text, label, labelled_at, closed_at)"
        " select 1, n, 'Ticket ' || n, (array['HR', 'Finance'])[1 + n %% 2], now(), now()"
        " from generate_series(1, 60) n returning 1"
    )
    rows(
        "insert into predictions (company_id, ticket_id, revision, department, category, priority, confidence,"
        " need_admin, decided_by, reason, duration_ms, cached, answer_key)"
        " select 1, n, 1, 'HR', 'HR', 'low', 60, false, 'keywords', '', 1, false, gen_random_uuid()"
        " from generate_series(1, 60) n returning 1"
    )
    first, second = (api.call("POST", "/api/evaluation/backtest", {}, Idempotency_Key="k-1") for _ in range(2))
    assert first.status_code == 202, first.text
    assert second.json == first.json
    assert rows("select count(*) from evaluations") == [(1,)]


@pytest.mark.parametrize(
    ("path", "body", "other"),
    [
        ("/api/analyze", {"description": "yazıcı bozuk", "company_id": 1}, {"description": "x", "company_id": 1}),
        ("/api/categorize", {"title": "yazıcı", "description": ""}, {"title": "yazıcı", "description": "x"}),
    ],
)
def test_reading_accepts_a_key_and_refuses_another_body_under_it(api: Api, path: str, body: Any, other: Any) -> None:
    first, second = (api.call("POST", path, body, Idempotency_Key="k-1") for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    refused = api.call("POST", path, other, Idempotency_Key="k-1")
    assert (refused.status_code, refused.json["code"]) == (422, "idempotency_key_reused")
