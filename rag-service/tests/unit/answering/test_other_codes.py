"""No text about another code answers, and a line that explains the asked one is quoted whole."""

import pytest
from rag_service.domain.answering.exclusions.other_codes import is_about_another

from .passages import passage
from .test_extraction import stored, texts

TERMINAL = """\
Card terminal

If the terminal shows error E-204, unplug the network cable for 30 seconds. Wait for the green light.
If it shows error E-310, call Paywell and give the terminal id 7730."""
DISPLAY = """\
Fehlercode 503 am Display: Der Sensor meldet nichts. Magnet am Hinterrad prüfen.
Fehlercode 529: Steuergerät defekt. Rad nicht weiterfahren."""


@pytest.mark.parametrize("question", ["What should I do on card terminal error E-310?", "card terminal error e310"])
def test_steps_for_another_code_are_left_out(question: str) -> None:
    assert texts(question, passage(TERMINAL)) == [
        "If it shows error E-310, call Paywell and give the terminal id 7730."
    ]


def test_a_code_further_up_in_the_paragraph_does_not_make_another_ones_remedy_its_own() -> None:
    found = texts("How do I repair terminal error E-204?", passage(TERMINAL))
    assert found[0].startswith("If the terminal shows error E-204")
    assert not any("E-310" in each for each in found)


def test_a_stored_answer_about_several_codes_gives_the_asked_one_alone() -> None:
    answer = stored("What do the terminal errors mean?", "E-204 means no network. E-310 means no contract.")
    assert texts("What does terminal error E-310 mean?", answer) == ["E-310 means no contract."]


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        ("Fehlercode 503, was tun?", ["Fehlercode 503 am Display: Der Sensor meldet nichts.",
                                      "Magnet am Hinterrad prüfen."]),
        ("Was bedeutet Fehlercode 529?", ["Fehlercode 529: Steuergerät defekt.", "Rad nicht weiterfahren."]),
    ],
)  # fmt: skip
def test_the_remedy_behind_a_code_and_its_meaning_belongs_to_it(question: str, lines: list[str]) -> None:
    assert texts(question, passage(DISPLAY)) == lines


@pytest.mark.parametrize(
    ("own", "before", "head", "another"),
    [
        ("E-204: unplug.", [], "Errors", True),
        ("E-310: call.", ["E-204: unplug."], "Errors", False),
        ("Wait.", ["E-310: call.", "E-204: unplug."], "", True),
        ("Wait.", ["E-204: unplug.", "E-310: call."], "", False),
        ("Wait until E-204 is gone.", [], "Error E-310", False),
        ("E-204: unplug.", [], "Errors E-204 and E-310", True),
        ("Search for BD-20451.", [], "", False),
        ("Wait.", [], "", False),
    ],
)
def test_the_nearest_text_that_names_a_code_says_which_is_meant(
    own: str, before: list[str], head: str, another: bool
) -> None:
    assert is_about_another("error E-310", own, before, head) is another
