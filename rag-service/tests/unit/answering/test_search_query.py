"""The search query of long tickets and mails."""

import time

import pytest
from rag_service.domain.answering.message.mail_text import message_of
from rag_service.domain.answering.message.questions import is_question, questions
from rag_service.domain.answering.message.search_query import MAX_QUERY_CHARACTERS, search_query

STORY = (
    "Last week I drove to the depot with two colleagues, and we spoke about many things that matter little here. "
    "When I came in, the lights were off and nobody was there. As discussed, I send the papers. "
)
GESCHICHTE = (
    "Gestern war ich mit zwei Kollegen bei Ihnen im Laden und habe lange gewartet. Wie besprochen "
    "sende ich die Unterlagen. "
    "Wo ich wohne, gibt es keine Filiale. "
)


@pytest.mark.parametrize(
    ("ticket", "query"),
    [
        (
            f"Depot\n\n{STORY * 9}When does the Larkhill depot close on Fridays? {STORY * 9}\n\nKind regards\nAnn",
            "When does the Larkhill depot close on Fridays?",
        ),
        (
            f"Dear team,\n\n{STORY * 3}I would like to know whether unused leave can be carried over. {STORY}",
            "I would like to know whether unused leave can be carried over.",
        ),
        (
            f"Sehr geehrte Damen und Herren,\n\n{GESCHICHTE * 6}Bis wann kann ich den Toner TX-9 umtauschen? "
            f"{GESCHICHTE}",
            "Bis wann kann ich den Toner TX-9 umtauschen?",
        ),
        (
            f"The scanner in room 4 is broken. {STORY * 4}How long does a repair take? Who pays for it?",
            "The scanner in room 4 is broken. How long does a repair take? Who pays for it?",
        ),
        (f"Can you help me? {STORY}{STORY}Which form is for parental leave?", "Which form is for parental leave?"),
        (
            "Bonjour,\n\nquand ouvre la cantine ?\n\nCordialement,\nPaul Petit\nDirecteur\nTél. 01 02 03",
            "quand ouvre la cantine ?",
        ),
        (
            "Subject: AW: Headset return\n\nHi Tim,\ncan I still exchange it?\n\n> What is your order "
            "number?\n> Regards",
            "Headset return can I still exchange it?",
        ),
        (
            "FYI, please answer.\n\n-----Original Message-----\nFrom: Bo\nSubject: Badge\n\nWhere do I get "
            "a new badge?",
            "FYI, please answer. Where do I get a new badge?",
        ),
    ],
)
def test_the_query_of_a_long_ticket_is_what_it_asks(ticket: str, query: str) -> None:
    assert search_query(ticket) == query


def test_a_mail_s_own_text_ends_where_another_mail_is_quoted() -> None:
    mail = "It fails since Monday, please look.\n\nOn Tue, 4 Feb 2031 at 10:11, Desk <d@x.example> wrote:\nWhich one?"
    assert message_of(mail) == "It fails since Monday, please look."
    german = "Der Drucker streikt seit Montag wieder.\n\nVon: Desk\nGesendet: Montag\nAn: Eva\n\nWelcher?"
    assert message_of(german) == "Der Drucker streikt seit Montag wieder."


def test_thanks_amid_a_mail_close_nothing() -> None:
    assert questions("Thanks\n\nOne more question: which form do I need?\n\nThanks\nIda") == [
        "One more question: which form do I need?"
    ]


def test_each_question_of_a_mail_is_one() -> None:
    mail = (
        "Hi all,\n\nI hope you are well. I have two questions.\n1. How do I order toner?\n2. "
        "Who approves it?\n\nBest\nTim"
    )
    assert questions(mail)[:2] == ["How do I order toner?", "Who approves it? Best Tim"]


@pytest.mark.parametrize(
    ("sentence", "asks"),
    [
        ("When I press the button, it beeps.", False),
        ("Wie besprochen sende ich alles.", False),
        ("Is a known problem.", False),
        ("how long does a repair take", True),
        ("wann öffnet die Kantine", True),
        ("can i park in the yard", True),
        ("Please let me know when the canteen opens.", True),
        ("Ich möchte wissen, ob das geht.", True),
        ("I need to know the closing time of the depot.", True),
        ("Could someone please explain the bonus rules to me.", True),
        ("We told them everything.", False),
        ("The printer in the hall is broken.", False),
    ],
)
def test_a_question_is_known_by_its_form(sentence: str, asks: bool) -> None:
    assert is_question(sentence) is asks


@pytest.mark.parametrize("piece", ["? ", "> ", "From: x\n", "It fails\nThanks\n", "a" * 40 + "\n", "how can i "])
def test_a_hostile_mail_is_read_quickly(piece: str) -> None:
    began = time.process_time()
    assert len(search_query(piece * (20_000 // len(piece)))) <= MAX_QUERY_CHARACTERS
    assert time.process_time() - began < 5
