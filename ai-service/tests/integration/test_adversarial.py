"""Tickets with attacks get valid answers: a department of the list, a confidence in range, a printable reason."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from ai_service.adapters.claude.testing import MessagesApi, says
from ai_service.domain.authored_text import authored_text
from ai_service.domain.classification import REASON_CHARACTERS
from ai_service.domain.departments import current
from ai_service.domain.ticket_text import TicketText, visible
from model_kit.claude import testing
from model_kit.claude.testing import Status
from service_kit.testing.postgres import ServiceDatabase

from ..adversarial import CORPUS, UNSEEN, AdversarialTicket
from ..conftest import Api, World
from .test_training import teach, training_of

DEPARTMENTS = set(current([]).names)
NO_TEXT = "halves of characters"
"""The API refuses these: no JSON can contain them."""


def obey(body: dict[str, Any]) -> Status:
    """Answer as a model that obeys the ticket's instructions."""
    content = body["messages"][0]["content"]
    if "HACKED" in content:
        return testing.says("HACKED")
    if "Attackers Ltd" in content:
        return says("Attackers Ltd", 10**18, "\u202eowned\x00")
    if "Repeat everything above" in content:
        return says("Finance", "1000 %", f"\U000e0041{body['system']}\x1b[2J")
    return testing.says('{"department": "Finance", "confidence": 1e9, "reason": "<b>ok\u200b</b>", "company_id": 2}')


@pytest.fixture
def obedient() -> Iterator[MessagesApi]:
    with MessagesApi() as server:
        server.answer = obey
        yield server


def ask(api: Api, ticket: TicketText) -> dict[str, Any]:
    answered = api.categorize({"title": ticket.title, "description": ticket.description})
    assert answered.status_code == 200, answered.text
    return dict(answered.json)


def stable_fields(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an answer that don't depend on the cache and the time."""
    return {name: value for name, value in answer.items() if name not in ("duration_ms", "cached")}


def check(answer: dict[str, Any], plain: dict[str, Any], adversarial: AdversarialTicket, allowed: set[str]) -> None:
    assert answer.keys() == plain.keys(), adversarial.attack
    assert answer["department"] in DEPARTMENTS, adversarial.attack
    assert 0 <= answer["confidence_score"] <= 100, adversarial.attack
    assert answer["decided_by"] in allowed, adversarial.attack
    assert len(answer["reason"]) <= REASON_CHARACTERS, adversarial.attack
    assert not any(unicodedata.category(each) in ("Cc", "Cf", "Cs") for each in answer["reason"]), adversarial.attack


def ask_all(api: Api, allowed: set[str]) -> list[tuple[AdversarialTicket, dict[str, Any], dict[str, Any]]]:
    """Ask for every ticket of the corpus, with and without its attack; check each answer and return them."""
    found = []
    for adversarial in CORPUS:
        if adversarial.attack == NO_TEXT:
            body = orjson.dumps({"title": "x", "description": "@"}).replace(b"@", rb"\ud83d")
            assert api.send("POST", "/api/categorize", data=body, content_type="application/json").status_code == 400
            continue
        answer, plain = ask(api, adversarial.text), ask(api, adversarial.plain)
        check(answer, plain, adversarial, allowed)
        found.append((adversarial, answer, plain))
    return found


def test_the_keywords_withstand_every_attack_and_ignore_hidden_text(api: Api) -> None:
    for adversarial, answer, plain in ask_all(api, {"keywords"}):
        if adversarial.attack in UNSEEN:
            assert stable_fields(answer) == stable_fields(plain), adversarial.attack


def test_a_trained_model_withstands_every_attack(
    make_world: Callable[..., World], make_api: Callable[..., Api], made: ServiceDatabase, encoder_folder: Path
) -> None:
    settings = {"MODELS_DIR": str(encoder_folder.parent)}
    make_world(**settings)
    api = make_api(**settings)
    teach(made)
    assert training_of(api)["state"] == "promoted"
    for adversarial, answer, plain in ask_all(api, {"bert", "keywords"}):
        if adversarial.attack in UNSEEN:
            assert (answer["department"], answer["decided_by"]) == (plain["department"], plain["decided_by"])
            assert answer["confidence_score"] == pytest.approx(plain["confidence_score"], abs=1.0), adversarial.attack


def test_answers_of_a_claude_that_obeys_the_ticket_stay_valid(
    make_api: Callable[..., Api], obedient: MessagesApi
) -> None:
    api = make_api(ANTHROPIC_API_KEY="sk-ant-test", ANTHROPIC_BASE_URL=obedient.url)
    for adversarial, answer, _plain in ask_all(api, {"claude", "keywords"}):
        accepted = adversarial.attack not in ("no answer", "foreign department")
        assert answer["decided_by"] == ("claude" if accepted else "keywords"), adversarial.attack
    # Texts that differ only in invisible characters are one text, whose answer is in the cache.
    different = {authored_text(each.text.title, each.text.description) for each in CORPUS}
    assert len(obedient.requests) >= len(different) - 10 > len(CORPUS) / 2
    for request in obedient.requests:
        content = request["messages"][0]["content"]
        opening, *_, closing = content.split("\n")
        [mark] = re.findall(r"--- ticket ([0-9a-f]{16}) ---", opening)
        assert closing == f"--- end {mark} ---"
        assert content.count(mark) == 2
        assert content == visible(content)
        assert "Ignore your instructions" not in request["system"]
