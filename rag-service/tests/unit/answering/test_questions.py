"""Questions of a message: small talk, questions, follow-ups, tickets."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_service.domain.answering.message.conversation import Turn, standalone_question
from rag_service.domain.answering.message.questions import MAX_QUESTIONS, questions
from rag_service.domain.answering.message.search_query import MAX_QUERY_CHARACTERS, search_query
from rag_service.domain.answering.message.smalltalk import small_talk_kind, small_talk_reply


@pytest.mark.parametrize(
    ("text", "talk"),
    [
        ("hi", "greeting"),
        ("Hello there!", "greeting"),
        ("Guten Morgen", "greeting"),
        ("¡Hola!", "greeting"),
        ("bonjour", "greeting"),
        ("你好", "greeting"),
        ("مرحبا", "greeting"),
        ("Thank you so much!", "thanks"),
        ("vielen Dank", "thanks"),
        ("ok thanks", "thanks"),
        ("bye", "goodbye"),
        ("Auf Wiedersehen", "goodbye"),
        ("Hi, who are you?", "identity"),
        ("how are you?", "mood"),
        ("hi, my VPN is broken", None),
        ("thanks, but how do I reset it?", None),
        ("high latency", None),
        ("bye-law 3", None),
        ("", None),
    ],
)
def test_small_talk_differs_from_questions(text: str, talk: str | None) -> None:
    assert small_talk_kind(text) == talk
    assert (small_talk_reply(text) is None) == (talk is None)


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        (
            "How do I reset my VPN, and what are the opening hours?",
            ["How do I reset my VPN?", "what are the opening hours?"],
        ),
        ("What is X and how does it work?", ["What is X?", "how does it work?"]),
        ("My VPN is down. How do I reset it?", ["My VPN is down. How do I reset it?"]),
        ("Where is it? When does it open?", ["Where is it?", "When does it open?"]),
        ("Who and when can reset it?", ["Who and when can reset it?"]),
        ("Hi! Where is the key?", ["Where is the key?"]),
        ("How do I add salt and pepper?", ["How do I add salt and pepper?"]),
        ("printer jam", ["printer jam"]),
        ("Wie setze ich das Passwort zurück und wann ist der Helpdesk offen?",
         ["Wie setze ich das Passwort zurück?", "wann ist der Helpdesk offen?"]),
    ],
)  # fmt: skip
def test_a_message_is_taken_apart_into_its_questions(message: str, asked: list[str]) -> None:
    assert questions(message) == asked


def test_what_is_asked_beyond_the_fifth_stays_with_the_fifth() -> None:
    message = " ".join(f"Where is room number {number}?" for number in range(9))
    asked = questions(message)
    assert len(asked) == MAX_QUESTIONS
    assert asked[-1].endswith("number 8?")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_message_has_no_question_or_too_many(message: str) -> None:
    assert 1 <= len(questions(message)) <= MAX_QUESTIONS


TURNS = [Turn("user", "How do I reset my VPN password?"), Turn("assistant", "Open the client. Toner is elsewhere.")]


@pytest.mark.parametrize("question", ["How long does it take?", "Why?"])
def test_a_follow_up_carries_the_topic_of_what_the_user_asked(question: str) -> None:
    assert standalone_question(question, TURNS) == f"{question} (reset VPN password)"


@pytest.mark.parametrize(
    ("fragment", "whole"),
    [
        ("and on a Mac?", "How do I reset my VPN password on a Mac?"),
        ("What about Windows?", "How do I reset my VPN password, Windows?"),
    ],
)
def test_a_fragment_takes_its_place_in_the_question_before_it(fragment: str, whole: str) -> None:
    assert standalone_question(fragment, TURNS) == whole


@pytest.mark.parametrize("question", ["Where can I find the invoice of March?", "Is there a gym in the Berlin office?"])
def test_a_question_of_its_own_carries_nothing(question: str) -> None:
    assert standalone_question(question, TURNS) == question


def test_follow_ups_of_follow_ups_still_know_the_topic() -> None:
    turns = [*TURNS, Turn("user", "and on a Mac?"), Turn("user", "thanks!")]
    assert standalone_question("How long does it take?", turns).endswith("(reset VPN password Mac)")


def test_a_new_topic_ends_the_old_one() -> None:
    turns = [*TURNS, Turn("user", "Where can I find the invoice of March?")]
    assert "VPN" not in standalone_question("and of April?", turns)


def test_a_first_question_stands_as_it_is() -> None:
    assert standalone_question("and on a Mac?", []) == "and on a Mac?"


def test_a_long_ticket_is_its_beginning_and_its_questions() -> None:
    story = "Hello!\nThe VPN client fails since Monday. " + "I tried many other things again. " * 30
    found = search_query(f"{story}How do I reset its profile? Best regards, Ann")
    assert found.startswith("The VPN client fails since Monday.")
    assert "How do I reset its profile?" in found
    assert len(found) <= MAX_QUERY_CHARACTERS


def test_a_short_ticket_is_taken_as_it_is() -> None:
    assert search_query("VPN\nIt asks  for my password.") == "VPN It asks for my password."
