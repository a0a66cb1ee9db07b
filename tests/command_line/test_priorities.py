"""Priorities as other systems write them."""

import pytest
from launcher.imports.priorities import Priorities


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("low|Low|LOW |Lowest|Minor|Trivial|very low|5 - Planning|P4|P5|niedrig|Basse|baja|Düşük|niski|低", "low"),
        ("medium|Normal|Moderate|3 - Moderate|3 normal|Med|P3|Sev 3|Mittel|Moyenne|média|orta|Средний|中", "medium"),
        ("high|Major|2-High|P2|P2 - High|High (P2)|Hoch|Priorität hoch|Élevée|Alta|Yüksek|wysoki|Ｈｉｇｈ|高", "high"),
        (
            "urgent|Highest|Critical|1 - Critical|Blocker|Emergency|Immediate|P1|P0|SEV1|Priority 1",
            "urgent",
        ),
        (
            "5 very high|Sehr hoch|Dringend|Très haute|Critique|Crítica|Muy alta|ACİL|kritisch|Срочный|緊急|긴급",
            "urgent",
        ),
        ("|-|—|N/A|None|(none)|null|keine|not set", ""),
    ],
)
def test_a_word_of_another_system_has_its_meaning(words: str, meant: str) -> None:
    priorities = Priorities(())
    assert {word: priorities.read(word) for word in words.split("|")} == dict.fromkeys(words.split("|"), meant)


@pytest.mark.parametrize(
    ("values", "one_is", "meanings"),
    [
        ("12345", "urgent", ["urgent", "high", "medium", "low", "low"]),
        ("123", "urgent", ["urgent", "high", "medium"]),
        ("12345", "low", ["low", "low", "medium", "high", "urgent"]),
        ("1234", "low", ["low", "medium", "high", "urgent"]),
    ],
)
def test_numbers_mean_what_the_user_says_which_is_shown(values: str, one_is: str, meanings: list[str]) -> None:
    priorities = Priorities(values, one_is)
    assert [priorities.read(f"{value}.0") for value in values] == meanings
    assert f"1 is the {'most' if one_is == 'urgent' else 'least'} urgent" in priorities.shown()[-1]


@pytest.mark.parametrize("word", ["banana", "6", "42", "0", "P9", "!!!", "1 - banana"])
def test_a_word_without_a_known_meaning_is_refused_with_the_way_to_name_it(word: str) -> None:
    with pytest.raises(ValueError, match="--priority-as"):
        Priorities(()).read(word)
    assert Priorities((), named={word.upper(): "low"}).read(word) == "low"


def test_the_mapping_is_shown_where_there_is_one() -> None:
    priorities = Priorities(())
    for word in ("low", "urgent", "", "low"):
        priorities.read(word)
    assert priorities.shown() == []
    for word in ("Normal", "Normal", "-"):
        priorities.read(word)
    assert priorities.shown() == ["priorities: low → low (2), Normal → medium (2), urgent → urgent (1), (empty) → "
                                  "none given (1), - → none given (1)"]  # fmt: skip
