"""Every reply of Claude becomes a department of the list, or a failure."""

import orjson
import pytest
from ai_service.adapters.claude.reply import parse
from ai_service.domain.cascade import ClassifierCascade, ClassifierFailed
from ai_service.domain.classification import Proposal, UnknownDepartment, validate
from ai_service.domain.departments import current
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.usage import Tokens, Usage
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
    answer = validate(parse(text, MODEL), DEPARTMENTS, "claude")
    assert (answer.department, answer.confidence, answer.model) == (department, confidence, MODEL)


@pytest.mark.parametrize("text", ["", "Certainly!", "{", "[1, 2]", "null", "Confidence: 90"])
def test_a_text_without_an_answer_is_no_proposal_but_costs_what_it_costs(text: str) -> None:
    cost = Usage(MODEL, Tokens(10, 5), None)
    with pytest.raises(ClassifierFailed) as failed:
        parse(text, MODEL, cost)
    assert (failed.value.kind, failed.value.usage) == ("malformed", cost)


class _Told:
    """A classifier that parses one text."""

    name = "claude"

    def __init__(self, text: str) -> None:
        self.text = text

    def parse(self, *_ticket: object) -> Proposal:
        return parse(self.text, MODEL)


@settings(max_examples=2_000, deadline=None)
@given(TEXTS)
def test_no_text_raises_anything_else_or_leads_outside_the_list(text: str) -> None:
    try:
        answer = validate(parse(text, MODEL), DEPARTMENTS, "claude")
    except (ClassifierFailed, UnknownDepartment):
        pass
    else:
        assert answer.department in DEPARTMENTS.names
        assert 0 <= answer.confidence <= 100
    decided = ClassifierCascade([_Told(text)]).decide(TicketText("vpn", ""), DEPARTMENTS).classification
    assert decided.department in DEPARTMENTS.names
