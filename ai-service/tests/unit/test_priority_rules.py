"""Which of a company's rules a ticket fits."""

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
def test_a_word_is_met_whatever_its_case_and_what_stands_around_it(word: str, text: str) -> None:
    assert fits(word, text)


@pytest.mark.parametrize(
    ("word", "text"),
    [("vpn", "vpns"), ("art", "start"), ("credit card", "card credit"), ("credit card", "credit the card"), ("!", "!")],
)
def test_a_word_is_met_as_a_whole_alone(word: str, text: str) -> None:
    assert not fits(word, text)


def test_the_first_that_fits_outranks_what_the_text_claims_either_way() -> None:
    rules = [
        replace(RULE, name="Off", words=("boss",), priority="low", active=False),
        replace(RULE, name="Boss", words=("ceo", "boss"), priority="high"),
        replace(RULE, name="Lunch", words=("lunch",), priority="low"),
    ]
    said = prioritize(TicketText("lunch with the boss", "urgent"), rules)
    assert (said.priority, said.reason) == ("high", "rule 'Boss': boss")
    assert prioritize(TicketText("lunch", "urgent"), rules).priority == "low"
    assert prioritize(TicketText("dinner", "urgent"), rules).priority == "urgent"


def test_a_rule_for_a_department_fits_its_tickets_alone() -> None:
    rules = [replace(RULE, words=("vpn",), department="IT Support")]
    text = TicketText("vpn", "")
    assert prioritize(text, rules, "it support").priority == "urgent"
    assert prioritize(text, rules, "HR").priority == "low"
    # Nobody has read it.
    assert prioritize(text, rules, None).priority == "low"


def test_a_reason_fits_its_field_however_long_the_rules_words_are() -> None:
    rule = replace(RULE, name="n" * MAX_NAME_CHARACTERS, words=("w" * 600,))
    said = first_match([rule], TicketText("w" * 600, ""), None)
    assert said is not None
    assert len(said.reason) == REASON_CHARACTERS


def test_there_is_an_end_to_rules() -> None:
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
