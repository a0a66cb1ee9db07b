"""Questions about several codes, of which each stands in a row of its own."""

from dataclasses import replace

import pytest
from rag_service.domain.answering.message.several_codes import one_by_one
from rag_service.domain.document import PassageKind
from rag_service.usecases.answer import Answerer
from rag_service.usecases.results import ChatAnswer

from .passages import passage
from .test_answerer import final

CLAYS = """\
Code: TP-01; Clay: Limoges; Price: 17.20 CHF
Code: TP-02; Clay: slip; Price: 38.00 CHF
Code: TS-130; Clay: black; Price: 24.00 CHF"""


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Prices of TP-01 and TP-02?", ["Prices of TP-01?", "Prices of TP-02?"]),
        ("Was kosten GL 301, K7 und K9?", ["Was kosten GL 301, K7?", "Was kosten GL 301, K9?"]),
        (
            "Which racks are B-101, B-204 & B-7 on?",
            [f"Which racks are {each} on?" for each in ("B-101", "B-204", "B-7")],
        ),
        ("What is the price of TP-01?", []),
        ("Is TP-01 cheaper in May and June?", []),
        ("Who has the key in 2027 and 2028?", []),
    ],
)
def test_each_code_of_a_list_is_asked_about_alone(question: str, parts: list[str]) -> None:
    assert [each for _, each in one_by_one(question)] == parts


def _final(question: str) -> ChatAnswer:
    rows = replace(passage(CLAYS, "clays.csv", locator=""), kind=PassageKind.ROWS)
    return final(Answerer(lambda _query, _top_k: [rows]), question)


def test_both_rows_are_told() -> None:
    answered = [each.text.split(" [")[0] for each in _final("What do TP-01 and TP-02 cost?").sentences]
    assert answered == CLAYS.splitlines()[:2]


def test_a_code_that_nothing_holds_is_named() -> None:
    answer = _final("What do TP-01 and TP-99 cost?")
    assert [each.text.split(" [")[0] for each in answer.sentences] == CLAYS.splitlines()[:1]
    assert "TP-99" in answer.answer
