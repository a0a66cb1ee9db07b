"""The judge of `benchmarks/real_documents.py`: a wrong one makes every figure wrong."""

import re

import pytest

from benchmarks.everyday_documents import everyday
from benchmarks.judging import Judged, calibration_error, held, holds, judge, precision, reliability
from benchmarks.probes.corpus import probes
from benchmarks.probes.model import Question


def question(expected: str, *forbidden: str, **besides: object) -> Question:
    return Question("How much?", expected, "row", forbidden=forbidden, **besides)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("It is €200 a year.", "€ ?200"),
        ("It is € 200 a year.", "€ ?200"),
        ("Open SETTINGS,\nthen copy the id.", "settings + copy"),
        ("See the Instellingen page.", "instellingen or settings"),
        ("Up to 500 GB are free.", "500 ?G[Bb]"),
        ("Rates – “net” – are 12.50 EUR.", 'rates - "net" + 12\\.50\\ EUR'),
        ("It closes at 17:20.", "17:20"),
    ],
)
def test_an_answer_holds_what_is_expected(answer, expected):
    assert holds(answer, expected)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("It is €2,000 a year.", "€ ?200"),
        ("It is 312 EUR.", "12 EUR"),
        ("It is 12.50 EUR.", "12"),
        ("It is 3.12 EUR.", "12 EUR"),
        ("Open settings.", "settings + copy"),
        ("", "anything"),
    ],
)
def test_part_of_a_figure_or_of_what_is_expected_is_not_enough(answer, expected):
    assert not holds(answer, expected)


def test_the_order_of_steps_counts_where_it_is_asked_for():
    steps = "hold both keys + choose it in the list"
    assert holds("Hold both keys. Choose it in the list.", steps, in_order=True)
    assert not holds("Choose it in the list. Hold both keys.", steps, in_order=True)


def test_another_rows_value_beside_the_right_one_is_not_right():
    asked = question("12", "14", "RB-2")
    assert judge(asked, "RB-1: 12").verdict == "right"
    assert judge(asked, "RB-1: 12\nRB-2: 14").verdict == "mixed"
    assert judge(asked, "RB-1: 14").verdict == "wrong"
    assert judge(asked, "RB-21: 12; weight 140, 3.14").verdict == "right"
    assert judge(asked, " ").verdict == "abstained"


def test_no_answer_is_the_right_one_where_nothing_answers():
    assert judge(question("abstain"), "").right
    assert judge(question("abstain"), "12").bad


def test_a_row_is_held_only_where_identifier_and_value_stand_in_one_line():
    asked = question("12", identifier="RB-1")
    assert held(asked, ["RB-1; 12\nRB-2; 14"])
    assert not held(asked, ["RB-1; 14\nRB-2; 12"])
    assert not held(asked, ["RB-12; 12"])


def test_confidence_is_compared_with_what_is_right():
    judged = [Judged("right", "a", 0.95)] * 3 + [Judged("wrong", "b", 0.95), Judged("abstained", "", 0.0)]
    assert precision(judged) == (3, 4)
    [only] = reliability(judged)
    assert (only.answers, only.right) == (4, 0.75)
    assert calibration_error(judged) == pytest.approx(0.2)


def test_probes_are_the_same_by_seed_and_share_no_names_between_halves():
    def asked(half: str, seed: int = 0) -> set[str]:
        return {each.text for probe in probes(half, seed) for each in probe.questions}

    assert asked("at_hand") == asked("at_hand") != asked("at_hand", 1)
    assert not asked("at_hand") & asked("held_out")
    names = [file.name for probe in probes("at_hand") for file in probe.files]
    assert len(names) == len(set(names))


def test_everyday_questions_name_files_of_their_company_and_say_what_to_expect():
    companies = list(everyday())
    assert sum(len(questions) for _, questions in companies) == 983
    for files, questions in companies:
        names = {each.name for each in files}
        assert all(question.unanswerable or question.file in names for question in questions)
        assert all(question.expected and re.compile(question.expected) for question in questions)
