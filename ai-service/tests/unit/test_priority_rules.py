"""Which of a company's rules matches a ticket."""

from dataclasses import replace

import pytest
from ai_service.domain.priority.decision import prioritize
from ai_service.domain.priority.levels import REASON_CHARACTERS
from ai_service.domain.priority.rules import (
    MAX_NAME_CHARACTERS,
    MAX_POSITION,
    MAX_RULES,
    Rule,
    TooManyRules,
    check_number,
    first_match,
    next_position,
)
from ai_service.domain.ticket_text import TicketText
from hypothesis import given
from hypothesis import strategies as st

RULE = Rule(1, "Board", ("chair of the board",), None, "urgent", 0, True)


def fits(words: str, text: str) -> bool:
    return first_match([replace(RULE, words=(words,))], TicketText(text, ""), None) is not None


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("VPN", "my vpn is gone"),
        ("vpn", "VPN!"),
        ("credit card", "The Credit  Card, please"),
        ("credit-card", "a credit card"),
        ("e-mail", "an e-mail"),
        ("email", "an e-mail"),
        ("Straße", "in der STRASSE"),
        ("c", "C++"),
        ("会议", "会议"),
        ("24", "room 24"),
    ],
)
def test_a_word_matches_in_any_case_and_context(word: str, text: str) -> None:
    assert fits(word, text)


@pytest.mark.parametrize(
    ("word", "text"),
    [("vpn", "vpns"), ("art", "start"), ("credit card", "card credit"), ("credit card", "credit the card"), ("!", "!")],
)
def test_only_whole_words_match(word: str, text: str) -> None:
    assert not fits(word, text)


def test_the_first_matching_rule_outranks_the_words_of_the_text() -> None:
    rules = [
        replace(RULE, name="Off", words=("boss",), priority="low", active=False),
        replace(RULE, name="Boss", words=("ceo", "boss"), priority="high"),
        replace(RULE, name="Lunch", words=("lunch",), priority="low"),
    ]
    result = prioritize(TicketText("lunch with the boss", "urgent"), rules)
    assert (result.priority, result.reason) == ("high", "rule 'Boss': boss")
    assert prioritize(TicketText("lunch", "urgent"), rules).priority == "low"
    assert prioritize(TicketText("dinner", "urgent"), rules).priority == "urgent"


def test_a_rule_for_a_department_matches_only_its_tickets() -> None:
    rules = [replace(RULE, words=("vpn",), department="IT Support")]
    text = TicketText("vpn", "")
    assert prioritize(text, rules, "it support").priority == "urgent"
    assert prioritize(text, rules, "HR").priority == "low"
    # Nobody has read it.
    assert prioritize(text, rules, None).priority == "low"


def test_a_reason_fits_its_field_however_long_the_rules_words_are() -> None:
    rule = replace(RULE, name="n" * MAX_NAME_CHARACTERS, words=("w" * 600,))
    result = first_match([rule], TicketText("w" * 600, ""), None)
    assert result is not None
    assert len(result.reason) == REASON_CHARACTERS


def test_the_number_of_rules_is_limited() -> None:
    check_number(MAX_RULES - 1)
    with pytest.raises(TooManyRules):
        check_number(MAX_RULES)


def test_a_rule_without_a_position_comes_last() -> None:
    assert next_position(None) == 0
    assert next_position(7) == 17
    assert next_position(MAX_POSITION) == MAX_POSITION


@given(st.text(max_size=60), st.text(max_size=200), st.text(max_size=20))
def test_no_word_and_no_text_makes_it_raise(word: str, text: str, department: str) -> None:
    first_match([replace(RULE, words=(word,), department=department)], TicketText(text, word), department)
