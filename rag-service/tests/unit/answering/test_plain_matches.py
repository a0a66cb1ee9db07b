"""Answers by their form: clauses by number, lines with a key, lists below their question."""

from dataclasses import replace

import pytest
from rag_service.domain.answering.matches.plain_matches import plain_matches
from rag_service.domain.answering.units.unit_features import Read
from rag_service.domain.document import PassageKind
from rag_service.usecases.assess_passages import safe_sentences_of

from .passages import passage

CONTRACT = """\
1.1 Orders are binding once they are confirmed.

1.2 Either side may leave within 40 days. Notice is given in writing.

2.1 Prices hold for one year.

12.1 Late payment costs 4 percent."""
LIST = "1. The door stays shut.\n\n2. Visitors sign the book. They wear a badge.\n\n3. Lights go out at ten."
FRONT = "Stand: 3. Mai 2031\n\nAuthor: Mira Holm, Facilities\n\nApproved by:\nBoard Of Directors\n\nService desk 7733 -"
TASKS = "Change the toner\n\n1. Open the lid.\n\n2. Pull the drum.\n\nClean the glass\n\n1. Use a dry cloth."


def found(question: str, text: str, name: str = "plan.pdf", kind: PassageKind = PassageKind.PROSE) -> list[str]:
    one = replace(passage(text, name), kind=kind)
    read = Read(one, safe_sentences_of(one), None)
    return [" ".join(read.sentences[index].shown for index in unit.quoted) for unit in plain_matches(question, read)]


@pytest.mark.parametrize(
    "question",
    [
        "What does clause 1.2 of the supply contract say?",
        "Was steht in Ziffer 1.2?",
        "What is stated in § 1.2?",
        "Que dit l'article 1.2 ?",
    ],
)
def test_the_clause_of_the_asked_number_is_quoted_whole(question: str) -> None:
    assert found(question, CONTRACT, "supply_contract.pdf") == [
        "1.2 Either side may leave within 40 days. Notice is given in writing."
    ]


def test_a_number_that_is_not_there_has_no_clause() -> None:
    assert found("What does clause 2.2 say?", CONTRACT) == []
    assert found("What does clause 2.2 say?", CONTRACT.replace("12.1", "12.2")) == []


def test_a_point_of_a_list_is_found_by_its_number() -> None:
    assert found("What is point 2 of the house rules?", LIST, "house_rules.md") == [
        "Visitors sign the book. They wear a badge."
    ]


def test_a_clause_is_not_the_answer_to_another_question_that_names_it() -> None:
    assert found("Which court decides on disputes about clause 1.2?", CONTRACT) == []


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("Who is the author of the plan?", "Author: Mira Holm, Facilities"),
        ("Who approved the plan?", "Approved by: Board Of Directors"),
        ("What is the number of the service desk?", "Service desk 7733 -"),
    ],
)
def test_a_line_whose_key_is_asked_answers(question: str, line: str) -> None:
    assert found(question, FRONT) == [line]


def test_a_key_with_a_value_of_another_kind_does_not() -> None:
    assert found("When did the author approve the plan?", FRONT) == []
    assert found("Who is the owner of the plan?", FRONT) == []


def test_front_matter_answers() -> None:
    assert found("From when is the plan valid?", "owner: Jo Berg\nvalid_from: 4 June 2030", kind=PassageKind.ROWS) == [
        "valid_from: 4 June 2030"
    ]


def test_the_list_below_its_question_is_quoted_whole() -> None:
    assert found("How do I change the toner?", TASKS) == ["Open the lid. Pull the drum."]
    assert found("How do I change the fuser?", TASKS) == []


def test_the_number_of_a_heading_is_no_figure_that_answers() -> None:
    text = "2 Passwords\n\nA password has at least 14 characters."
    assert found("How long must my password be?", text, "policy.docx") == []


PRICES = "Prices\n\n- Haircut – 35 EUR\n\n- Beard trim – 15 EUR\n\nSoup of the day ........ 4.50\nFish ...... 14.90"


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("how much is a haircut", "Haircut – 35 EUR"),
        ("What is the price of a beard trim?", "Beard trim – 15 EUR"),
        ("how much is the soup of the day?", "Soup of the day ........ 4.50"),
    ],
)
def test_dashes_and_dots_part_a_key_from_its_value(question: str, line: str) -> None:
    assert found(question, PRICES, "salon.md") == [line]
    assert found(question.replace("haircut", "shave").replace("trim", "dye").replace("soup", "steak"), PRICES) == []


def test_a_row_of_two_cells_is_a_key_with_its_value() -> None:
    form = "Requested by | Ida Moe\nCost centre | 4711\nApprover: Per Lund"
    assert found("What is the cost centre?", form, kind=PassageKind.ROWS) == ["Cost centre | 4711"]
    assert found("Who is the approver?", form, kind=PassageKind.ROWS) == ["Approver: Per Lund"]
    assert found("Who is the owner?", form, kind=PassageKind.ROWS) == []


def test_the_line_for_the_asked_day_is_the_answer_below_the_heading_that_is_asked() -> None:
    text = "- Mon–Wed: Aino Laine\n\n- Thu–Fri: Bjarne Moe\n\n- Sat: Cleo Park"
    one = replace(passage(text, "rota.md"), heading=("Rota", "On-call for lifts"))
    read = Read(one, safe_sentences_of(one), None)

    def answered(question: str) -> list[str]:
        return [
            " ".join(read.sentences[index].shown for index in unit.quoted) for unit in plain_matches(question, read)
        ]

    assert answered("who is on call for lifts on friday") == ["Thu–Fri: Bjarne Moe"]
    assert answered("Who is on call for lifts on Tuesday?") == ["Mon–Wed: Aino Laine"]
    assert answered("Who is on call for lifts on Sunday?") == []
    assert answered("Who is on call for boilers on Friday?") == []


@pytest.mark.parametrize("question", ["Who is the guide?", "who guides the tours?"])
def test_a_key_that_the_heading_has_too_answers_if_it_is_all_that_is_asked(question: str) -> None:
    one = replace(passage("Tours need four guests. Guide: Ana Brand. Bring water."), heading=("Guided tours",))
    read = Read(one, safe_sentences_of(one), None)
    assert [read.sentences[unit.core].shown for unit in plain_matches(question, read)] == ["Guide: Ana Brand."]
    assert list(plain_matches("Who pays the guide?", read)) == []
