"""The serving model and the usage of paid models, from events in any order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from eventbus.wire import rfc3339
from flask import Flask

from ..conftest import Api, Events, Rows

NOTHING: dict[str, Any] = {"calls": 0, "cost_usd": 0.0, "usage": [], "serving": None}


def used(events: Events, *, days_ago: int = 0, **body: Any) -> Any:
    moment = rfc3339(datetime.now(UTC) - timedelta(days=days_ago))
    return events.model("model.used", used_at=moment, **body)


def test_a_company_without_models_has_zeros(api: Api) -> None:
    figures = api.get("/api/analytics/models")
    assert {name: figures[name] for name in NOTHING} == NOTHING
    assert (figures["days"], figures["since"]) == (30, (datetime.now(UTC).date() - timedelta(days=29)).isoformat())


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_newest_of_several_promotions_serves_in_any_order(api: Api, events: Events, order: tuple[int, ...]) -> None:
    promotions = [
        events.model("model.promoted", revision=n, version=f"v{n}", accuracy=0.7 + n / 100, run_id=n) for n in (1, 2, 3)
    ]
    for number in order:
        events.deliver(promotions[number])
    serving = api.get("/api/analytics/models")["serving"]
    assert (serving["version"], serving["run_id"], serving["accuracy"]) == ("v3", 3, 0.73)
    events.deliver(events.model("model.promoted", revision=4, version=None, run_id=None, accuracy=None, macro_f1=None))
    assert api.get("/api/analytics/models")["serving"] is None, "back to none"


def test_a_batch_of_promotions_leaves_the_newest(api: Api, events: Events) -> None:
    events.deliver(*(events.model("model.promoted", revision=n, version=f"v{n}") for n in (2, 3, 1)))
    assert api.get("/api/analytics/models")["serving"]["version"] == "v3"


def test_calls_are_summed_by_service_model_and_purpose(api: Api, events: Events) -> None:
    tokens = {"input_tokens": 100, "output_tokens": 20, "cache_read_tokens": 5, "cache_write_tokens": 1}
    first = used(events, model="haiku", purpose="solution", cost_micro_usd=1500.5, **tokens)
    events.deliver(
        first,
        used(events, model="haiku", purpose="solution", cost_micro_usd=499.5, **tokens),
        used(events, model="haiku", purpose="chat", cost_micro_usd=None, **tokens),
        used(events, model="haiku", purpose="chat", days_ago=10, cost_micro_usd=1000.0, **tokens),
    )
    events.deliver(first)
    figures = api.get("/api/analytics/models?days=7")
    assert (figures["calls"], figures["cost_usd"]) == (3, 0.002)
    chat, solution = figures["usage"]
    assert (chat["purpose"], chat["calls"], chat["unpriced_calls"], chat["cost_usd"]) == ("chat", 1, 1, 0.0)
    assert (solution["source"], solution["calls"], solution["input_tokens"]) == ("rag-service", 2, 200)
    assert solution["cost_usd"] == 0.002
    assert api.get("/api/analytics/models?days=30")["calls"] == 4


def test_another_companys_models_are_not_shown(app: Flask, api: Api, events: Events, rows: Rows) -> None:
    events.deliver(events.model("model.promoted", company=2), used(events, company=2))
    figures = api.get("/api/analytics/models")
    assert {name: figures[name] for name in NOTHING} == NOTHING
    assert Api(app.test_client(), company=2).get("/api/analytics/models")["calls"] == 1
    assert Api(app.test_client(), role="requester").call("GET", "/api/analytics/models").status_code == 403
    assert rows("select count(*) from model_usage") == [(1,)]


@pytest.mark.parametrize("days", ["0", "367", "x", "1.5"])
def test_days_are_checked(api: Api, days: str) -> None:
    assert api.call("GET", f"/api/analytics/models?days={days}").status_code == 400
