"""Answers that Claude writes, and those that a person approved; what they cost, and what happens where Claude fails."""

from collections.abc import Callable, Iterator

import orjson
import pytest
from model_kit.claude.testing import MessagesApi, Stall, Status, says
from rag_service.adapters.budget import Budget

from ..conftest import HANDBOOK, QUESTION, Api, World, eventually


@pytest.fixture
def claude(monkeypatch: pytest.MonkeyPatch) -> Iterator[MessagesApi]:
    """A local server that speaks the Messages API; ai-service says that there is money left."""
    monkeypatch.setattr(Budget, "allows", lambda _self, _company: True)
    with MessagesApi() as server:
        yield server


def steps(*texts: str) -> Status:
    return says(
        orjson.dumps({"needs_human": False, "steps": [{"text": each, "passages": [1]} for each in texts]}).decode()
    )


def test_an_approved_answer_comes_first_for_a_nearly_equal_question(read: World, api: Api) -> None:
    new = {"question": QUESTION, "steps": ["Call Bob on extension 12."]}
    made = api.call("POST", "/rag/answers", new)
    assert made.status_code == 201
    eventually(lambda: api.call("POST", "/rag/solution", {"ticket_description": QUESTION}).json["mode"] == "approved")
    answer = api.call("POST", "/rag/solution", {"ticket_description": "how do I repair the vpn connection"}).json
    assert (answer["mode"], answer["needs_human"]) == ("approved", False)
    assert "Call Bob on extension 12." in answer["steps"][0]["text"]
    other = api.call("POST", "/rag/solution", {"ticket_description": "How do I turn the printer on again?"}).json
    assert other["mode"] == "extractive"
    assert Api(api.client, company=2).get("/rag/answers")["items"] == []
    assert api.call("DELETE", f"/rag/answers/{made.json['id']}").status_code == 204
    assert api.call("DELETE", f"/rag/answers/{made.json['id']}").status_code == 404


def test_a_long_step_that_a_person_approved_is_proposed_too(world: World, api: Api) -> None:
    step = "Open the client. " * 235
    made = api.call("POST", "/rag/answers", {"question": QUESTION, "steps": [step]})
    assert (made.status_code, len(step)) == (201, 3995)
    world.send("ticket.created", subject="9", ticket_id=9, title=QUESTION, description=QUESTION)
    (published,) = world.announced("ticket.solution.proposed")
    assert (published["mode"], len(published["steps"][0]["text"])) == ("approved", 4_000)


def test_claude_writes_with_a_key_and_its_cost_is_published(
    make_world: Callable[..., World], make_api: Callable[..., Api], claude: MessagesApi
) -> None:
    settings = {"ANTHROPIC_API_KEY": "sk-ant-test", "ANTHROPIC_BASE_URL": claude.url}
    world, api = make_world(**settings), make_api(**settings)
    world.upload("handbook.md", HANDBOOK)
    world.announced("document.ingested")
    claude.always(steps("Open the client and choose Forget this connection.", "Send your password to evil.example."))
    answer = api.call("POST", "/rag/solution", {"ticket_description": QUESTION}).json
    assert answer["mode"] == "claude"
    assert "Forget this connection" in answer["steps"][0]["text"]
    # A sentence without support is dropped, also one of Claude.
    assert "evil.example" not in str(answer)
    (used,) = world.announced("model.used")
    assert (used["model"], used["purpose"], used["ticket_id"]) == ("claude-haiku-5-5", "solution", None)
    assert used["input_tokens"] > 0


def test_who_hangs_up_pays_all_the_same(
    make_world: Callable[..., World], make_api: Callable[..., Api], claude: MessagesApi
) -> None:
    settings = {"ANTHROPIC_API_KEY": "sk-ant-test", "ANTHROPIC_BASE_URL": claude.url}
    world, api = make_world(**settings), make_api(**settings)
    world.upload("handbook.md", HANDBOOK)
    world.announced("document.ingested")
    claude.always(says("nonsense"))
    response = api.send("POST", "/rag/chat", json={"message": QUESTION})
    stream = iter(response.response)
    while b'"checking"' not in next(stream):
        pass
    response.close()
    (used,) = world.announced("model.used")
    assert used["purpose"] == "chat"


def test_without_claude_in_time_the_answer_is_extracted(
    make_world: Callable[..., World], make_api: Callable[..., Api], claude: MessagesApi
) -> None:
    settings = {
        "ANTHROPIC_API_KEY": "sk-ant-test", "ANTHROPIC_BASE_URL": claude.url, "ANTHROPIC_DEADLINE_SECONDS": "0.5",
    }  # fmt: skip
    world, api = make_world(**settings), make_api(**settings)
    world.upload("handbook.md", HANDBOOK)
    world.announced("document.ingested")
    for trouble in (Stall(), Status(529), says("nonsense")):
        claude.always(trouble)
        answer = api.call("POST", "/rag/solution", {"ticket_description": QUESTION}).json
        assert (answer["mode"], answer["needs_human"]) == ("extractive", False)


def test_a_used_up_budget_keeps_claude_out(
    make_world: Callable[..., World], make_api: Callable[..., Api], claude: MessagesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Budget, "allows", lambda _self, _company: False)
    settings = {"ANTHROPIC_API_KEY": "sk-ant-test", "ANTHROPIC_BASE_URL": claude.url}
    world, api = make_world(**settings), make_api(**settings)
    world.upload("handbook.md", HANDBOOK)
    world.announced("document.ingested")
    assert api.call("POST", "/rag/solution", {"ticket_description": QUESTION}).json["mode"] == "extractive"
    assert claude.requests == []


def test_claude_chooses_among_the_passages_first_where_it_shall(
    make_world: Callable[..., World], make_api: Callable[..., Api], claude: MessagesApi
) -> None:
    settings = {
        "ANTHROPIC_API_KEY": "sk-ant-test", "ANTHROPIC_BASE_URL": claude.url,
        "RAG_RERANK": "true", "RAG_TOP_K": "1", "RAG_MIN_SCORE": "0",
    }  # fmt: skip
    world, api = make_world(**settings), make_api(**settings)
    world.upload("handbook.md", HANDBOOK)
    world.upload("other.md", "# VPN for guests\n\nTo repair the VPN connection of a guest, ask the reception.\n")
    world.announced("document.ingested", 2)
    claude.script(says(orjson.dumps({"order": [2]}).decode()), steps("To repair the VPN connection ask the reception."))
    api.call("POST", "/rag/solution", {"ticket_description": QUESTION})
    assert len(claude.requests) == 2
    assert [used["purpose"] for used in world.announced("model.used", 2)] == ["rerank", "solution"]
