"""The priority of a text by its words."""

import re
import time

import pytest
from ai_service.domain.priority.decision import NO_REASON, manual_priority, prioritize, priority_of_text
from ai_service.domain.priority.levels import LEVELS, REASON_CHARACTERS
from ai_service.domain.priority.lexicon import ENTRIES
from ai_service.domain.priority.sentences import DENIALS, SKIPPED_BETWEEN
from ai_service.domain.ticket_text import READ_CHARACTERS, TicketText
from hypothesis import given
from hypothesis import strategies as st

ALL = [entry for entries in ENTRIES.values() for entry in entries]
OF_URGENCY = sorted({each.words[0] for each in ALL if each.kind in ("urgency", "trouble")} - DENIALS)
EVERY_WORD = sorted(
    {word for each in ALL for word in each.words} | SKIPPED_BETWEEN | DENIALS | {"or", "but", "200", "users"}
)
TEXTS = st.lists(st.sampled_from([*EVERY_WORD, *OF_URGENCY, ",", ".", "mail"]), max_size=25).map(" ".join)


def level(title: str, description: str = "") -> str:
    return prioritize(TicketText(title, description)).priority


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Haste.
        ("Please change my name", "low"),
        ("URGENT: mail is down", "urgent"),
        ("We need it ASAP", "urgent"),
        ("I need it as soon as possible", "high"),
        ("I'm blocked", "high"),
        ("This is important", "medium"),
        # Haste that is denied.
        ("Not urgent at all", "low"),
        ("This isn't urgent", "low"),
        ("This isn\u2019t an emergency", "low"),
        ("non-urgent question", "low"),
        ("Nothing of this is urgent", "low"),
        ("not urgent or critical", "low"),
        ("The chair is broken, no rush", "low"),
        ("It does not. Urgent!", "urgent"),
        ("No, this is urgent", "urgent"),
        ("The printer is not urgent. The fire is!", "urgent"),
        ("insurgent", "low"),
        # Trouble.
        ("The chair is broken", "medium"),
        ("I can't log in", "medium"),
        ("I cannot log in", "medium"),
        ("The lift doesn't work", "medium"),
        ("Outage of the shop", "high"),
        ("There is no power", "high"),
        ("It is slow, and it is an emergency", "urgent"),
        ("There is smoke in the kitchen", "urgent"),
        ("Somebody was injured", "urgent"),
        ("There was no outage", "low"),
        ("Fire drill on Monday", "low"),
        ("Please scroll down", "low"),
        # Whom it hits.
        ("Email is down", "medium"),
        ("Email is down for everyone", "high"),
        ("Email is down, but not for everyone", "medium"),
        ("200 users can't work", "high"),
        ("3 users can't work", "medium"),
        ("All of our customers are stuck", "high"),
        ("Not all users are stuck", "medium"),
        ("The payroll run failed", "high"),
        ("Production is down", "high"),
        ("Production is down for all users", "urgent"),
        ("Outage for the whole company", "urgent"),
        ("All users please read the announcement", "low"),
        ("A question about payroll", "low"),
        # Feelings.
        ("Terrible, awful outage", "high"),
        ("great, thank you", "low"),
        ("The wifi is awful", "medium"),
        ("The wifi is not awful", "low"),
        ("Slow, ridiculous and unacceptable", "high"),
        ("Terrible, awful, horrible, useless, pathetic", "medium"),
        # What is over.
        ("Thanks for fixing the outage so quickly", "low"),
        ("Great, the outage is resolved", "low"),
        ("Thanks, but the outage is not resolved", "high"),
        ("Thanks for fixing the printer, but now the server is down", "high"),
        ("Thanks in advance for fixing the outage", "high"),
        ("The outage is fixed", "high"),
        # Nothing at all.
        ("", "low"),
        ("🔥🔥🔥", "low"),
        ("?!,;", "low"),
        ("９９９ users can't work", "high"),
    ],
)
def test_the_priority_of_a_text(text: str, expected: str) -> None:
    assert level(text) == expected
    assert level("", text) == expected


def test_title_and_description_count_together() -> None:
    assert level("Mail is down", "It hits all users") == "high"


def test_the_reason_names_the_matches_and_nothing_else_of_the_text() -> None:
    result = priority_of_text(TicketText("Terrible, awful outage", "Jane Doe's payroll, all of our users. No rush."))
    assert result.reason == (
        "trouble: outage; many affected: all of our users; system: payroll; anger: terrible, awful; no rush: rush"
    )
    assert priority_of_text(TicketText("Jane Doe says hello", "")).reason == NO_REASON


def test_a_manual_priority_stays() -> None:
    assert manual_priority("medium").priority == "medium"
    assert "auto_prioritize" in manual_priority("medium").reason


@given(st.text(max_size=200), st.text(max_size=400))
def test_it_never_raises_and_is_one_of_four(title: str, description: str) -> None:
    result = prioritize(TicketText(title, description))
    assert result.priority in LEVELS
    assert 0 < len(result.reason) <= REASON_CHARACTERS


@given(TEXTS)
def test_every_text_of_the_lexicons_words_is_one_of_four(text: str) -> None:
    result = prioritize(TicketText(text, text))
    assert result.priority in LEVELS
    assert 0 < len(result.reason) <= REASON_CHARACTERS


@given(TEXTS, st.sampled_from(OF_URGENCY), TEXTS)
def test_a_not_before_a_word_of_urgency_never_raises_the_level(before: str, word: str, after: str) -> None:
    plain, denied = (LEVELS.index(level(f"{before} {result} {after}")) for result in (word, f"not {word}"))
    assert denied <= plain


@given(TEXTS)
def test_a_not_before_every_word_of_urgency_raises_nothing_either(text: str) -> None:
    denied = re.sub(rf"\b({'|'.join(OF_URGENCY)})\b", r"not \1", text)
    assert LEVELS.index(level(denied)) <= LEVELS.index(level(text))


def test_no_word_of_urgency_means_something_else_after_a_not() -> None:
    """The properties above need this: `not` before such a word neither begins a phrase nor hides the denial."""
    assert not set(OF_URGENCY) & SKIPPED_BETWEEN
    assert not set(OF_URGENCY) & {each.words[1] for each in ALL if each.words[0] == "not"}


def test_a_word_cut_off_at_the_end_of_what_is_read_is_not_taken_for_another() -> None:
    filler = "x " * ((READ_CHARACTERS - 8) // 2)
    assert level("", f"{filler}outages") == "high"
    assert level("", f"{filler}firework") == "low"


@pytest.mark.parametrize("word", ["urgent or ", "not ", "all of the ", "so ", "9999999 ", ", ", "\n", "can't "])
def test_an_adversarial_text_is_read_quickly(word: str) -> None:
    begun = time.process_time()
    level("", word * (100_000 // len(word)))
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("Everything is down", "urgent"),
        ("Two people are trapped in the lift", "urgent"),
        ("I clicked on a phishing link", "high"),
        ("Dringend: der Drucker", "urgent"),
        ("Niemand kann arbeiten", "high"),
        ("WLAN ausgefallen im ganzen Büro", "urgent"),
        ("Es brennt in der Küche", "urgent"),
        ("Der Drucker ist kaputt", "medium"),
        ("C'est urgent !", "urgent"),
        ("L'imprimante ne fonctionne pas", "medium"),
        ("Urgente: no puedo entrar", "urgent"),
        ("La impresora no funciona", "medium"),
        ("ACİL: yazıcı bozuk", "urgent"),
        ("Yazıcı çalışmıyor", "medium"),
        ("De printer werkt niet", "medium"),
        ("Non funziona la stampante", "medium"),
        ("Não funciona", "medium"),
    ],
)
def test_urgency_and_trouble_are_found_in_other_languages_too(text: str, priority: str) -> None:
    assert priority_of_text(TicketText(text, "")).priority == priority


@pytest.mark.parametrize(
    "text",
    [
        "Es ist nicht so dringend",
        "Kein Notfall",
        "Ce n'est pas urgent",
        "No es urgente",
        "Non è urgente",
        "Não é urgente",
        "acil değil",
        "Im Notfall rufen Sie 112",
        "En cas d'urgence, appelez le 112",
        "Ist das dringend?",
        "Der Feuerlöscher fehlt",
        "Der Brandschutz kommt am Montag",
        "The brand guidelines and the rota for May",
        "A bald eagle",
    ],
)
def test_texts_without_urgency_in_other_languages_are_low(text: str) -> None:
    assert priority_of_text(TicketText(text, "")).priority == "low"
