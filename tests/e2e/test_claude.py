"""Claude on the main road: asked where it answers, missed by nobody where it doesn't."""

import requests
from ai_service.adapters.claude.testing import MessagesApi
from model_kit.claude.testing import Stall

from tests.stack import Stack, eventually

QUESTION = {"title": "Strange smell", "description": "It smells all day."}


def ask(stack: Stack, title: str) -> dict[str, object]:
    """Ask the gateway where a text belongs."""
    answer = requests.post(f"{stack.url}/api/categorize", json={**QUESTION, "title": title}, timeout=60)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_claude_decides_until_it_stalls_and_then_no_ticket_waits_for_it(asking: Stack, claude: MessagesApi) -> None:
    stack, before = asking, len(claude.requests)
    ticket = stack.create(**QUESTION).json()
    shown = eventually(lambda: stack.get(f"/api/tickets/{ticket['id']}"), lambda t: t["department"] is not None)
    assert (shown["department"], shown["confidence_score"]) == ("Facilities", 100)

    # Two HTTP processes and the worker: whoever is asked knows what Claude said to another.
    answers = [ask(stack, QUESTION["title"]) for _ in range(10)]
    assert {answer["decided_by"] for answer in answers} == {"claude"}
    assert all(answer["cached"] for answer in answers)
    assert len(claude.requests) == before + 1

    claude.always(Stall())
    late = [stack.create(number).json() for number in range(20)]
    for one in late:
        eventually(lambda t=one: stack.get(f"/api/tickets/{t['id']}")["department"], bool)
    # Five calls had to fail, side by side, before the breaker knew.
    asked = len(claude.requests)
    others = [stack.create(number).json() for number in range(100, 110)]
    for one in others:
        eventually(lambda t=one: stack.get(f"/api/tickets/{t['id']}")["department"], bool)
    # After its rest the breaker lets one through, which is tried twice, to see whether Claude is back.
    assert len(claude.requests) <= asked + 4
