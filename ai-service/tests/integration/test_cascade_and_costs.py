"""`/api/ai/settings` and `/api/ai/costs` on a real database: a company's cascade and its costs."""

from collections.abc import Callable
from typing import Any

import pytest
from ai_service.adapters.claude.testing import MessagesApi, says
from model_kit.claude.testing import Status, message, refuses
from service_kit.identity import AGENT, MANAGER, REQUESTER, SERVICE
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text

from ..conftest import Api, Rows, World, eventually

SETTINGS, COSTS = "/api/ai/settings", "/api/ai/costs"
DEFAULTS = {"order": "claude_first", "local_threshold": None, "daily_budget_usd": None, "monthly_budget_usd": None}
CALL_USD = 0.000035
"""200 input and 30 output tokens, as the local server reports."""
MakeApi = Callable[..., Api]


@pytest.fixture
def paid(make_api: MakeApi, claude: MessagesApi) -> Api:
    return make_api(**keys(claude))


def keys(claude: MessagesApi) -> dict[str, str]:
    return {"ANTHROPIC_API_KEY": "sk-ant-test", "ANTHROPIC_BASE_URL": claude.url}


def ask(api: Api, title: str) -> Any:
    answered = api.categorize({"title": title, "description": ""})
    assert answered.status_code == 200, answered.text
    return answered.json


def test_settings_start_with_the_defaults_and_only_given_ones_change(api: Api) -> None:
    assert api.call("GET", SETTINGS).json == DEFAULTS
    chosen = {"order": "local_first", "local_threshold": 0.85, "daily_budget_usd": 1.25, "monthly_budget_usd": 20}
    assert api.call("PUT", SETTINGS, chosen).json == chosen
    changed = chosen | {"daily_budget_usd": None}
    assert api.call("PUT", SETTINGS, {"daily_budget_usd": None}).json == changed
    assert api.call("PUT", SETTINGS, {}).json == changed
    assert api.call("GET", SETTINGS).json == changed
    api.company = 2
    assert api.call("GET", SETTINGS).json == DEFAULTS


BAD: list[tuple[dict[str, Any], str]] = [
    ({"order": "keywords_first"}, "order"),
    ({"order": None}, "order"),
    ({"order": "a\u0000b"}, "order"),
    ({"order": ["local_first"]}, "order"),
    ({"local_threshold": 1.01}, "local_threshold"),
    ({"local_threshold": -0.1}, "local_threshold"),
    ({"local_threshold": "0.5"}, "local_threshold"),
    ({"local_threshold": True}, "local_threshold"),
    ({"daily_budget_usd": -1}, "daily_budget_usd"),
    ({"daily_budget_usd": 1e300}, "daily_budget_usd"),
    ({"monthly_budget_usd": {}}, "monthly_budget_usd"),
    ({"company_id": 2}, "company_id"),
]


@pytest.mark.parametrize(("change", "field"), BAD)
def test_bad_settings_are_refused_by_field(api: Api, change: dict[str, Any], field: str) -> None:
    answered = api.call("PUT", SETTINGS, change)
    assert answered.status_code == 400, answered.text
    assert {error["field"] for error in answered.json["errors"]} == {field}
    assert api.call("GET", SETTINGS).json == DEFAULTS


def test_half_a_character_is_a_bad_request(api: Api) -> None:
    answered = api.call("PUT", SETTINGS, b'{"order": "\\ud800"}', Content_Type="application/json")
    assert answered.status_code == 400


@pytest.mark.parametrize("days", ["0", "367", "x", "-1", "1.5", "9" * 400])
def test_a_bad_number_of_days_is_refused(api: Api, days: str) -> None:
    answered = api.call("GET", f"{COSTS}?days={days}")
    assert answered.status_code == 400
    assert [error["field"] for error in answered.json["errors"]] == ["days"]


def test_who_may_read_and_change(api: Api) -> None:
    allowed = {REQUESTER: (403, 403, 403), AGENT: (200, 403, 403), MANAGER: (200, 200, 403), SERVICE: (403, 403, 403)}
    for role, statuses in allowed.items():
        api.role = role
        calls = (("GET", SETTINGS, None), ("GET", COSTS, None), ("PUT", SETTINGS, {}))
        assert tuple(api.call(*each).status_code for each in calls) == statuses, role


def test_a_request_is_in_the_ledger_once_with_its_price(paid: Api, rows: Rows) -> None:
    ask(paid, "vpn")
    assert ask(paid, "vpn")["cached"]
    [(company, ticket, purpose, model, tokens_in, out, cost)] = rows(
        "select company_id, ticket_id, purpose, model, input_tokens, output_tokens, cost_micro_usd from usage"
    )
    assert (company, ticket, purpose, model) == (1, None, "categorize", "claude-haiku-5-5")
    assert (tokens_in, out, float(cost)) == (200, 30, 35.0)
    costs = paid.call("GET", COSTS).json
    [day] = costs["items"]
    assert (day["calls"], day["input_tokens"], day["output_tokens"], day["cost_usd"]) == (1, 200, 30, CALL_USD)
    assert (costs["cost_usd"], costs["unpriced_calls"], costs["days"]) == (CALL_USD, 0, 30)
    assert costs["budget"]["daily"] == {"limit_usd": None, "spent_usd": CALL_USD, "left_usd": None}
    paid.company = 2
    assert paid.call("GET", COSTS).json["items"] == []


def test_a_tickets_call_is_in_the_ledger_and_its_number_is_deleted_with_the_ticket(
    make_world: Callable[..., World], claude: MessagesApi, rows: Rows
) -> None:
    world = make_world(**keys(claude))
    first = world.ticket(1, "vpn")
    world.ticket(2, "printer")
    world.categorized(2)
    world.again(first)
    world.ticket(3, "invoice", company=2)
    world.categorized(3)
    assert rows("select company_id, ticket_id from usage order by ticket_id") == [(1, 1), (1, 2), (2, 3)]
    assert rows("select company_id, calls from daily_usage order by company_id") == [(1, 2), (2, 1)]
    world.send("ticket.deleted", subject="1", ticket_id=1)
    eventually(lambda: rows("select count(*) from usage where ticket_id = 1") == [(0,)])
    assert rows("select sum(calls) from daily_usage") == [(3,)]
    assert rows("select count(*) from usage") == [(3,)]


def test_a_refusal_is_paid_for_too(paid: Api, claude: MessagesApi, rows: Rows) -> None:
    claude.script(refuses(), says("Marketing"))
    assert ask(paid, "vpn")["decided_by"] == "keywords"
    assert ask(paid, "printer")["decided_by"] == "keywords"
    assert rows("select calls, input_tokens from daily_usage") == [(2, 400)]


def test_a_failed_try_without_tokens_is_not_in_the_ledger(paid: Api, claude: MessagesApi, rows: Rows) -> None:
    claude.script(Status(529))
    assert ask(paid, "vpn")["decided_by"] == "claude"
    assert rows("select calls from daily_usage") == [(1,)]


def test_at_the_budget_the_cascade_goes_on_without_claude(paid: Api, claude: MessagesApi) -> None:
    paid.call("PUT", SETTINGS, {"daily_budget_usd": 2 * CALL_USD})
    assert [ask(paid, f"vpn {n}")["decided_by"] for n in range(4)] == ["claude", "claude", "keywords", "keywords"]
    assert len(claude.requests) == 2
    assert paid.call("GET", COSTS).json["budget"]["daily"]["left_usd"] == 0
    metrics = paid.call("GET", "/metrics").text
    assert 'classifier_skips_total{classifier="claude",kind="budget"} 2.0' in metrics
    assert "ai_spend_usd_total 7" in metrics
    assert 'ai_tokens_total{kind="input"} 400.0' in metrics
    paid.call("PUT", SETTINGS, {"daily_budget_usd": None})
    assert ask(paid, "vpn 2")["decided_by"] == "claude"


def test_a_budget_of_the_month_counts_earlier_days_of_it_and_none_before(paid: Api, rows: Rows) -> None:
    month = "date_trunc('month', now() at time zone 'UTC')::date"
    for offset in ("- 1", "+ 0"):
        rows(
            "insert into daily_usage select 1, "
            f"{month} {offset}, 'earlier', 1, 0, 1, 1, 0, 0, 5000000 returning company_id"
        )
    paid.call("PUT", SETTINGS, {"monthly_budget_usd": 5.5})
    assert ask(paid, "vpn")["decided_by"] == "claude"
    paid.call("PUT", SETTINGS, {"monthly_budget_usd": 5})
    assert ask(paid, "printer")["decided_by"] == "keywords"


def test_uncommitted_calls_of_a_batch_count_for_the_budget(
    make_world: Callable[..., World], make_api: MakeApi, claude: MessagesApi
) -> None:
    make_api().call("PUT", SETTINGS, {"daily_budget_usd": 3 * CALL_USD})
    world = make_world(**keys(claude), ANTHROPIC_CONCURRENCY="1")
    for number in range(1, 21):
        world.ticket(number, f"vpn {number}")
    result = [each["decided_by"] for each in world.categorized(20)]
    assert (result.count("claude"), result.count("keywords")) == (3, 17)


def test_an_unknown_model_is_counted_without_a_price(paid: Api, claude: MessagesApi) -> None:
    claude.script(Status(body=message('{"department": "HR"}', model="other-1")))
    paid.call("PUT", SETTINGS, {"daily_budget_usd": CALL_USD})
    ask(paid, "vpn")
    costs = paid.call("GET", COSTS).json
    [day] = costs["items"]
    assert (day["model"], day["cost_usd"], day["unpriced_calls"], day["input_tokens"]) == ("other-1", None, 1, 200)
    assert (costs["cost_usd"], costs["unpriced_calls"]) == (0, 1)


def test_the_operator_may_state_the_price(make_api: MakeApi, claude: MessagesApi) -> None:
    api = make_api(**keys(claude), ANTHROPIC_PRICE_INPUT="3", ANTHROPIC_PRICE_OUTPUT="15")
    ask(api, "vpn")
    assert api.call("GET", COSTS).json["cost_usd"] == 0.00105


@pytest.mark.parametrize("table", ["ladder_settings", "usage", "daily_usage"])
def test_another_company_sees_no_rows_of_it(paid: Api, made: ServiceDatabase, table: str) -> None:
    paid.call("PUT", SETTINGS, {"order": "local_first"})
    ask(paid, "vpn")
    query = text(f"select count(*) from {table}")
    for company, number in ((1, 1), (2, 0)):
        with made.database.session(company) as session:
            assert session.execute(query).scalar_one() == number


LEDGER = """
    insert into usage (company_id, at, ticket_id, purpose, model, input_tokens, output_tokens, cache_read_tokens,
                       cache_write_tokens, cost_micro_usd, request_id)
    select company, now() - n * interval '1 hour', nullif(n %% 12, 0), 'categorize', 'm' || n %% 2, n, 1, 0, 0,
           case when n %% 10 = 0 then null else n end, 'req_' || n
    from generate_series(1, 30) n, (values (1), (2)) c (company) returning 1
"""


def test_the_ledger_is_read_call_by_call_and_of_one_ticket(api: Api, rows: Rows) -> None:
    rows(LEDGER)
    calls = api.every(f"{COSTS}?by=call&limit=7")
    assert [call["request_id"] for call in calls] == [f"req_{n}" for n in range(1, 31)]
    assert calls[9] | {"id": 0, "at": ""} == {
        "id": 0, "at": "", "ticket_id": 10, "purpose": "categorize", "request_id": "req_10", "model": "m0", "calls": 1,
        "unpriced_calls": 1, "input_tokens": 10, "output_tokens": 1, "cache_read_tokens": 0, "cache_write_tokens": 0,
        "cost_usd": None,
    }  # fmt: skip
    assert calls[0]["cost_usd"] == 0.000001
    assert [call["input_tokens"] for call in api.every(f"{COSTS}?by=call&ticket_id=5&limit=2")] == [5, 17, 29]
    assert api.every(f"{COSTS}?by=call&ticket_id=77") == []


def test_the_ledger_is_read_ticket_by_ticket_with_calls_without_a_ticket_last(api: Api, rows: Rows) -> None:
    rows(LEDGER)
    for limit in (1, 5, 11, 12, 100):
        tickets = api.every(f"{COSTS}?by=ticket&limit={limit}")
        assert [each["ticket_id"] for each in tickets] == [*range(11, 0, -1), None]
    assert sum(each["calls"] for each in tickets) == 30
    (one,) = api.every(f"{COSTS}?by=ticket&ticket_id=6")
    assert (one["calls"], one["unpriced_calls"], one["input_tokens"], one["cost_usd"]) == (3, 1, 54, 0.000024)


def test_days_are_read_in_pages_and_the_sums_are_those_of_all_pages(api: Api, rows: Rows) -> None:
    rows(
        "insert into daily_usage"
        " select 1, (now() at time zone 'UTC')::date - n / 3, 'm' || n %% 3, 1, 0, 1, 1, 0, 0, 1000000"
        " from generate_series(0, 29) n returning 1"
    )
    page = api.get(f"{COSTS}?limit=4")
    assert (page["count"], page["cost_usd"], page["by"]) == (4, 30, "day")
    shown = [(each["day"], each["model"]) for each in api.every(f"{COSTS}?limit=4")]
    assert len(shown) == len(set(shown)) == 30
    assert [day for day, _ in shown] == sorted((day for day, _ in shown), reverse=True)
    assert len(api.every(f"{COSTS}?days=2&limit=4")) == 6


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("by=hour", "by"),
        ("by=call&ticket_id=0", "ticket_id"),
        ("by=call&ticket_id=9223372036854775808", "ticket_id"),
        ("ticket_id=7", "ticket_id"),
        ("cursor=WyJ4IiwieSJd", "cursor"),
        ("by=ticket&cursor=WyJ4Il0", "cursor"),
        ("by=call&limit=101", "limit"),
        ("company_id=2", "company_id"),
    ],
)
def test_a_question_about_costs_that_makes_no_sense_is_refused_by_name(api: Api, query: str, field: str) -> None:
    response = api.call("GET", f"{COSTS}?{query}")
    assert (response.status_code, [error["field"] for error in response.json["errors"]]) == (400, [field])
