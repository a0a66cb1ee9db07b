"""Whatever the Messages API sends back is read or refused, never more."""

from typing import Any

import orjson
import pytest
from ai_service.adapters.claude import reply
from ai_service.domain.answer import NotOfTheList, Proposal, accept
from ai_service.domain.departments import current
from ai_service.domain.ladder import Ladder, RungFailed
from ai_service.domain.ticket_text import TicketText
from ai_service.testing.messages_api import message
from hypothesis import given, settings
from hypothesis import strategies as st

MODEL = "claude-haiku-5-5"
DEPARTMENTS = current([])

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NEARLY_ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "department": st.sampled_from(["HR", "hr", "Marketing", "IT Support\n", ""]) | JSON,
        "confidence": JSON,
        "reason": JSON,
        "more": JSON,
    },
)
TEXTS = st.one_of(
    st.text(),
    NEARLY_ANSWERS.map(lambda value: orjson.dumps(value).decode()),
    NEARLY_ANSWERS.map(lambda value: f"Sure!\n```json\n{orjson.dumps(value).decode()}\n```"),
    NEARLY_ANSWERS.map(lambda value: orjson.dumps(value).decode()[:-3]),
    st.text().map(lambda text: f"Department: {text}\nConfidence: {text}"),
)
STOPS = st.sampled_from([*reply.ENDED, *reply.UNFINISHED, "new_one", "", None]) | JSON
MESSAGES = st.builds(lambda text, stop: message(text, stop_reason=stop), TEXTS, STOPS)


@pytest.mark.parametrize(
    ("text", "department", "confidence"),
    [
        ('{"department": "HR", "confidence": 400, "reason": "leave"}', "HR", 100),
        ('```json\n{"department": "HR", "confidence": 88}\n```', "HR", 88),
        ('I think {"department": "hr"} fits.', "HR", 70),
        ("Department: Finance\nConfidence: 400", "Finance", 100),
        ("**Department:** IT Support\n**Confidence:** 95%", "IT Support", 95),
    ],
)
def test_an_answer_is_found_however_the_model_wraps_it(text: str, department: str, confidence: float) -> None:
    answer = accept(reply.read(message(text), MODEL), DEPARTMENTS, "claude")
    assert (answer.department, answer.confidence, answer.model) == (department, confidence, MODEL)


def test_thinking_before_the_answer_is_not_the_answer() -> None:
    body = message("")
    body["content"] = [
        {"type": "thinking", "thinking": '{"department": "Finance"}', "signature": ""},
        {"type": "text", "text": '{"department": "HR", "confidence": 90}'},
    ]
    assert reply.read(body, MODEL).department == "HR"


@pytest.mark.parametrize(
    ("stop_reason", "kind"),
    [
        ("max_tokens", "cut_off"),
        ("refusal", "refused"),
        ("tool_use", "unasked_tool"),
        ("pause_turn", "paused"),
        ("model_context_window_exceeded", "too_long"),
        ("something_new", "unknown_stop_reason"),
        (None, "unknown_stop_reason"),
    ],
)
def test_only_a_finished_answer_counts(stop_reason: str | None, kind: str) -> None:
    with pytest.raises(RungFailed) as failed:
        reply.read(message('{"department": "HR", "confidence": 90}', stop_reason=stop_reason), MODEL)
    assert (failed.value.kind, failed.value.health) == (kind, "well")


@pytest.mark.parametrize("stop_reason", ["end_turn", "stop_sequence"])
def test_both_ways_to_finish_count(stop_reason: str) -> None:
    assert reply.read(message('{"department": "HR"}', stop_reason=stop_reason), MODEL).department == "HR"


@pytest.mark.parametrize("body", [None, [], "text", 3, {}, {"content": None}, {"content": "HR"}])
def test_what_is_no_message_counts_against_the_other_side(body: Any) -> None:
    with pytest.raises(RungFailed) as failed:
        reply.read(body, MODEL)
    assert failed.value.health == "ill"


class _Told:
    """A rung that reads one body."""

    name = "claude"

    def __init__(self, body: object) -> None:
        self.body = body

    def read(self, *_ticket: object) -> Proposal:
        return reply.read(self.body, MODEL)


@settings(max_examples=2_000, deadline=None)
@given(MESSAGES | JSON)
def test_no_reply_raises_anything_else_or_leads_outside_the_list(body: object) -> None:
    try:
        answer = accept(reply.read(body, MODEL), DEPARTMENTS, "claude")
    except (RungFailed, NotOfTheList):
        pass
    else:
        assert answer.department in DEPARTMENTS.names
        assert 0 <= answer.confidence <= 100
    decided = Ladder([_Told(body)]).decide(TicketText("vpn", ""), DEPARTMENTS).answer
    assert decided.department in DEPARTMENTS.names


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"NaN", b'"\\ud800"', b"<html>"])
def test_bytes_that_are_no_json_are_malformed(body: bytes) -> None:
    with pytest.raises(RungFailed, match="malformed"):
        reply.parse(body)
