"""`/api/priority-rules` on a real database, and the effect of rules on tickets."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from service_kit.identity import AGENT, MANAGER, REQUESTER, SERVICE
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text

from ..conftest import RULES, Api, Rows, World

BOSS = {"name": "Boss", "words": ["boss", "managing director"], "priority": "high"}


def test_a_rule_is_added_listed_changed_and_deleted(api: Api) -> None:
    added = api.add_rule(**BOSS)
    assert added == {"id": added["id"], "department": None, "position": 0, "active": True, **BOSS}
    path = f"{RULES}/{added['id']}"
    assert api.rules() == [added]
    changed = api.call("PUT", path, {"department": "HR", "words": ["boss"]})
    assert (changed.status_code, changed.json) == (200, added | {"department": "HR", "words": ["boss"]})
    assert api.call("PUT", path, {}).json == changed.json
    assert api.call("PUT", path, {"department": None, "name": "BOSS"}).json["department"] is None
    assert api.call("DELETE", path).status_code == 204
    assert api.rules() == []
    for method, body in (("PUT", {}), ("DELETE", None)):
        gone = api.call(method, path, body)
        assert (gone.status_code, gone.json["code"]) == (404, "rule_not_found")


def test_rules_apply_in_the_order_of_their_positions(api: Api) -> None:
    api.add_rule("third", ["lunch"], "low")
    api.add_rule("fourth", ["lunch"], "medium")
    api.add_rule("first", ["lunch"], "high", position=0, active=False)
    second = api.add_rule("second", ["lunch"], "urgent", position=0)
    assert [(rule["name"], rule["position"]) for rule in api.rules()] == [
        ("third", 0),
        ("first", 0),
        ("second", 0),
        ("fourth", 10),
    ]
    result = api.categorize({"title": "lunch", "description": ""}).json
    assert (result["priority"], result["priority_reason"]) == ("low", "rule 'third': lunch")
    api.call("PUT", f"{RULES}/{api.rules()[0]['id']}", {"position": 20})
    # The first now is inactive.
    result = api.categorize({"title": "lunch", "description": ""}).json
    assert (result["priority"], result["priority_reason"]) == ("urgent", "rule 'second': lunch")
    api.call("DELETE", f"{RULES}/{second['id']}")
    assert api.categorize({"title": "lunch", "description": ""}).json["priority"] == "medium"


def test_a_rule_decides_the_priority_of_new_tickets(world: World, api: Api) -> None:
    api.add_rule("Network", ["vpn"], "urgent", department="IT Support")
    world.ticket(1, "vpn password")
    world.ticket(2, "vpn invoice and bill from the supplier")
    world.ticket(3, "vpn password", company=2)
    result = {each["ticket_id"]: (each["department"], each["priority"]) for each in world.categorized(3)}
    assert result == {1: ("IT Support", "urgent"), 2: ("Finance", "low"), 3: ("IT Support", "low")}


def test_a_rule_for_a_department_is_not_for_tickets_that_merely_wait_there_unread(
    world: World, api: Api, rows: Rows
) -> None:
    api.add_rule("All of General", ["vpn"], "urgent", department="General")
    rows("insert into company_switches values (1, false, true, true, 1) returning 1")
    world.ticket(1, "vpn")
    (result,) = world.categorized()
    assert (result["department"], result["decided_by"], result["priority"]) == ("General", "nobody", "low")


def test_names_of_rules_are_unique_in_whatever_case(api: Api) -> None:
    api.add_rule(**BOSS)
    other = api.add_rule("Other", ["x"], "low")
    for answered in (
        api.call("POST", RULES, BOSS | {"name": "BOSS"}),
        api.call("PUT", f"{RULES}/{other['id']}", {"name": "boss"}),
    ):
        assert (answered.status_code, answered.json["code"]) == (409, "rule_exists")
    assert api.rules()[1] == other


def test_the_number_of_rules_is_limited_for_concurrent_requests_too(api: Api, rows: Rows) -> None:
    rows(
        "insert into priority_rules (company_id, name, words, priority, position, active)"
        " select 1, 'R' || n, '{x}', 'low', 0, true from generate_series(1, 95) n returning id"
    )
    app: Flask = api.client.application

    def add(number: int) -> int:
        body = BOSS | {"name": f"New {number}"}
        return Api(app.test_client()).call("POST", RULES, body).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(add, range(16))) == [201] * 5 + [409] * 11
    full = api.call("POST", RULES, BOSS)
    assert (full.status_code, full.json["code"]) == (409, "too_many_rules")


def test_concurrent_equal_rules_make_one(api: Api) -> None:
    app: Flask = api.client.application
    with ThreadPoolExecutor(8) as pool:
        statuses = pool.map(lambda _: Api(app.test_client()).call("POST", RULES, BOSS).status_code, range(16))
        assert sorted(statuses) == [201] + [409] * 15


@pytest.mark.parametrize("role", [REQUESTER, AGENT, MANAGER, SERVICE])
def test_only_admins_may_edit_rules(api: Api, role: str) -> None:
    path = f"{RULES}/{api.add_rule(**BOSS)['id']}"
    api.role = role
    for method, where, body in (("GET", RULES, None), ("POST", RULES, BOSS), ("PUT", path, {}), ("DELETE", path, None)):
        assert api.call(method, where, body).status_code == 403


def test_rules_of_another_company_are_not_there(api: Api, made: ServiceDatabase) -> None:
    path = f"{RULES}/{api.add_rule(**BOSS)['id']}"
    api.company = 2
    assert api.rules() == []
    for method in ("PUT", "DELETE"):
        answered = api.call(method, path, {} if method == "PUT" else None)
        assert (answered.status_code, answered.json["code"]) == (404, "rule_not_found")
    api.add_rule(**BOSS)
    assert api.categorize({"title": "boss", "description": ""}).json["priority"] == "high"
    with made.database.session(3) as session:
        assert session.execute(text("select id from priority_rules")).all() == []


def test_the_same_post_with_the_same_key_happens_once(api: Api) -> None:
    first, second = (api.call("POST", RULES, BOSS, Idempotency_Key="k-1") for _ in range(2))
    assert (first.status_code, second.status_code, second.json) == (201, 201, first.json)
    assert len(api.rules()) == 1


@pytest.mark.parametrize("rule", [0, 999, 2**63 - 1])
def test_an_unknown_rule_is_404(api: Api, rule: int) -> None:
    for method, body in (("PUT", {}), ("DELETE", None)):
        answered = api.call(method, f"{RULES}/{rule}", body)
        assert (answered.status_code, answered.json["code"]) == (404, "rule_not_found")


@pytest.mark.parametrize("rule", [2**63, 10**400, "-1", "x"])
def test_an_invalid_rule_id_is_404(api: Api, rule: int | str) -> None:
    assert api.call("PUT", f"{RULES}/{rule}", {}).status_code == 404


BAD: list[tuple[Any, str]] = [
    ({"name": ""}, "name"),
    ({"name": " x"}, "name"),
    ({"name": "a\u0000b"}, "name"),
    ({"name": "x" * 101}, "name"),
    ({"name": 5}, "name"),
    ({"words": []}, "words"),
    ({"words": "boss"}, "words"),
    ({"words": None}, "words"),
    ({"words": ["w"] * 2}, "words"),
    ({"words": ["Credit Card", "credit-card"]}, "words"),
    ({"words": [f"w{n}" for n in range(21)]}, "words"),
    ({"words": [""]}, "words.0"),
    ({"words": ["a", "!?"]}, "words.1"),
    ({"words": ["a", "x" * 61]}, "words.1"),
    ({"words": ["a\u0000b"]}, "words.0"),
    ({"words": [5]}, "words.0"),
    ({"words": [["a"]]}, "words.0"),
    ({"department": ""}, "department"),
    ({"department": "x" * 101}, "department"),
    ({"priority": "critical"}, "priority"),
    ({"priority": None}, "priority"),
    ({"position": -1}, "position"),
    ({"position": 1_000_001}, "position"),
    ({"position": 1.5}, "position"),
    ({"position": "first"}, "position"),
    ({"active": "yes"}, "active"),
    ({"company_id": 2}, "company_id"),
]


@pytest.mark.parametrize(("change", "field"), BAD)
def test_a_bad_rule_is_refused_by_field(api: Api, change: dict[str, Any], field: str) -> None:
    path = f"{RULES}/{api.add_rule('Other', ['x'], 'low')['id']}"
    for answered in (api.call("POST", RULES, BOSS | change), api.call("PUT", path, change)):
        assert answered.status_code == 400, answered.text
        assert answered.content_type == "application/problem+json"
        assert {error["field"] for error in answered.json["errors"]} == {field}


@pytest.mark.parametrize("missing", ["name", "words", "priority"])
def test_a_rule_needs_a_name_words_and_a_priority(api: Api, missing: str) -> None:
    answered = api.call("POST", RULES, {key: value for key, value in BOSS.items() if key != missing})
    assert answered.status_code == 400
    assert [error["field"] for error in answered.json["errors"]] == [missing]
