"""A company says through the gateway what machines may do with its tickets."""

import secrets
from typing import Any

import pytest
import requests
from ai_service.adapters.claude.testing import MessagesApi

from tests.stack import Stack, eventually


def routed(stack: Stack, title: str, **fields: Any) -> Any:
    """Hand in a ticket and return it once it is routed."""
    created = stack.create(title=title, **{"description": "It hums all day.", **fields})
    assert created.status_code == 201, created.text
    ticket = created.json()
    return eventually(lambda: stack.get(f"/api/tickets/{ticket['id']}"), lambda shown: shown["department"] is not None)


def switch(stack: Stack, **switches: bool) -> None:
    """Turn switches of the demo company."""
    answer = requests.patch(f"{stack.url}/api/companies/1", json=switches, timeout=60)
    assert answer.status_code == 200, answer.text


def test_a_company_that_switches_categorizing_off_has_its_tickets_read_by_people(
    asking: Stack, claude: MessagesApi
) -> None:
    # Claude may have stalled in another test: its breaker rests for half a minute.
    eventually(lambda: routed(asking, f"Strange noise {secrets.token_hex(4)}"), lambda t: t["decided_by"] == "claude")

    switch(asking, auto_categorize=False)
    # The switch has come where tickets show it; what was handed in before may still be read.
    eventually(lambda: routed(asking, f"Strange noise {secrets.token_hex(4)}"), lambda t: t["decided_by"] == "nobody")
    asked = len(claude.requests)
    unread = routed(asking, f"Strange noise {secrets.token_hex(4)}", description="URGENT")
    assert (unread["department"], unread["need_admin"], unread["decided_by"]) == ("General", True, "nobody")
    assert (unread["confidence_score"], unread["priority"]) == (0, "urgent")
    assert len(claude.requests) == asked
    # A question by a person is answered all the same.
    question = {"title": "Strange noise", "description": ""}
    assert requests.post(f"{asking.url}/api/categorize", json=question, timeout=60).json()["decided_by"] == "claude"

    switch(asking, auto_categorize=True)
    eventually(lambda: routed(asking, f"Strange noise {secrets.token_hex(4)}"), lambda t: t["decided_by"] == "claude")


@pytest.mark.usefixtures("claude")
def test_a_rule_outranks_what_a_text_claims_and_a_person_outranks_the_rule(asking: Stack) -> None:
    rules = f"{asking.url}/api/priority-rules"
    word = f"w{secrets.token_hex(4)}"
    rule = {"name": f"About {word}", "words": [word], "priority": "high"}
    made = requests.post(rules, json=rule, timeout=60)
    assert made.status_code == 201, made.text
    eventually(lambda: routed(asking, f"The {word} hums"), lambda ticket: ticket["priority"] == "high")
    assert routed(asking, f"The {word} hums", priority="medium")["priority"] == "medium"

    where = f"{rules}/{made.json()['id']}"
    assert requests.put(where, json={"priority": "critical"}, timeout=60).json()["errors"][0]["field"] == "priority"
    assert requests.put(where, json={"active": False}, timeout=60).json()["active"] is False
    eventually(lambda: routed(asking, f"The {word} hums"), lambda ticket: ticket["priority"] == "low")
    assert requests.delete(where, timeout=60).status_code == 204
    assert rule["name"] not in {each["name"] for each in requests.get(rules, timeout=60).json()["items"]}
