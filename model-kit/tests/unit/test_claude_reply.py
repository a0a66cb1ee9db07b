"""Whatever the Messages API sends back is read or refused, never more."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_kit.claude import reply
from model_kit.claude.failure import ClaudeFailed
from model_kit.claude.testing import message
from model_kit.claude.usage import Tokens, Usage

MODEL = "claude-haiku-5-5"
COST = Usage(MODEL, Tokens(200, 30), Decimal(35))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
STOPS = st.sampled_from([*reply.FINISHED, *reply.UNFINISHED, "new_one", "", None]) | JSON
MESSAGES = st.builds(
    lambda text, stop, model: message(text, stop_reason=stop, model=model), st.text(), STOPS, JSON | st.text()
)


def test_an_answer_has_its_text_its_model_and_its_cost() -> None:
    assert reply.read(message("Yes.", model="claude-x"), MODEL, COST) == reply.Reply("Yes.", "claude-x", COST)


def test_thinking_before_the_answer_is_not_the_answer() -> None:
    body = message("")
    body["content"] = [
        {"type": "thinking", "thinking": "No?", "signature": ""},
        {"type": "text", "text": "Ye"},
        {"type": "text", "text": "s."},
    ]
    assert reply.read(body, MODEL).text == "Yes."


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
def test_only_a_finished_answer_counts_but_every_one_costs(stop_reason: str | None, kind: str) -> None:
    with pytest.raises(ClaudeFailed) as failed:
        reply.read(message("Yes.", stop_reason=stop_reason), MODEL, COST)
    assert (failed.value.kind, failed.value.health, failed.value.usage) == (kind, "well", COST)


@pytest.mark.parametrize("stop_reason", ["end_turn", "stop_sequence"])
def test_both_ways_to_finish_count(stop_reason: str) -> None:
    assert reply.read(message("Yes.", stop_reason=stop_reason), MODEL).text == "Yes."


@pytest.mark.parametrize("body", [None, [], "text", 3, {}, {"content": None}, {"content": "Yes."}])
def test_what_is_no_message_counts_against_the_other_side(body: Any) -> None:
    with pytest.raises(ClaudeFailed) as failed:
        reply.read(body, MODEL)
    assert failed.value.health == "ill"


@pytest.mark.parametrize("signed", [None, 5, "", "a\x00b", "\ud800", ["x"]])
def test_who_does_not_sign_with_a_name_is_called_as_it_was_asked(signed: object) -> None:
    assert reply.read(message("Yes.", model=signed), MODEL).model == MODEL


@settings(max_examples=2_000, deadline=None)
@given(MESSAGES | JSON)
def test_no_reply_raises_anything_else(body: object) -> None:
    try:
        answer = reply.read(body, MODEL)
    except ClaudeFailed:
        return
    assert answer.model.isprintable()
    assert reply.find_json_object(answer.text) is None or isinstance(reply.find_json_object(answer.text), dict)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"NaN", b'"\\ud800"', b"<html>"])
def test_bytes_that_are_no_json_are_malformed(body: bytes) -> None:
    with pytest.raises(ClaudeFailed, match="malformed"):
        reply.parse(body)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1}', {"a": 1}),
        ('Sure!\n```json\n{"a": {"b": 2}}\n```', {"a": {"b": 2}}),
        ('I think {"a": 1} fits.', {"a": 1}),
        ("[1, 2]", None),
        ('{"a": 1', None),
        ("} {", None),
        ("", None),
    ],
)
def test_an_object_is_found_however_the_model_wraps_it(text: str, found: object) -> None:
    assert reply.find_json_object(text) == found
