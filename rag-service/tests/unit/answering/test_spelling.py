"""Typing errors are read as the words of the documents; codes, numbers, names and right words stay."""

import time

import pytest
from rag_service.domain.answering.language.spelling import errors_between, has_unknown_word, respelled
from rag_service.domain.passage import Passage

from .passages import passage
from .test_extraction import table

DICTIONARY = frozenset(["contract", "delivery", "time", "times", "tank", "what", "which", "does"])
FOUND = [
    table("Article: TW-4003; Description: Pressure tank 100 l; Delivery time (days): 12; User: Petra Meyer"),
    passage("A certificate is renewed by itself. Contact Johnson for the Betriebsvereinbarung von Freiburg."),
]


def knows(word: str) -> bool:
    return word in DICTIONARY


@pytest.mark.parametrize(
    ("question", "right"),
    [
        ("delivery time of the 100 litre presure tank", "delivery time of the 100 l pressure tank"),
        ("vpn sertificate renewed", "vpn certificate renewed"),
        ("is the cretifcate of the perssure tank ok?", "is the certificate of the pressure tank ok?"),
        ("Was sagt die Bertiebsvereinbarung?", "Was sagt die betriebsvereinbarung?"),
    ],
)
def test_a_typing_error_is_put_right(question: str, right: str) -> None:
    assert respelled(question, FOUND, knows) == right


@pytest.mark.parametrize(
    "question",
    [
        "What is in the contract?",  # a right word, although "contact" is near
        "What does TV-4003 cost?",
        "What mobile does Petra Meier have?",
        "mobile of meier",
        "Who is Jonson?",
        "ask jonson",
        "Where is Frau Bertiebsvereinbarung?",
        "Which taak?",
        "delivery times of pressure tanks",
    ],
)
def test_right_words_codes_names_and_short_words_stay(question: str) -> None:
    assert respelled(question, FOUND, knows) == question


@pytest.mark.parametrize(("wrong", "right", "word"), [("wating", "waiting", "wat"), ("moring", "mooring", "mor")])
def test_a_typing_error_whose_stem_is_a_word_is_put_right(wrong: str, right: str, word: str) -> None:
    there = [passage("The waiting room is closed after watering. The mooring of a boat costs 12 euros.")]
    assert respelled(f"what about the {wrong}?", there, [word].__contains__) == f"what about the {right}?"


def test_a_little_word_of_another_language_stays() -> None:
    assert respelled("Was wollen wir zahlen?", [passage("Woollen socks. Wolle.")], knows) == "Was wollen wir zahlen?"


def test_nothing_is_put_right_without_a_dictionary() -> None:
    assert respelled("the presure tank", FOUND, None) == "the presure tank"


def test_of_two_words_equally_near_none_is_taken() -> None:
    assert respelled("the ponter", [passage("A pointer and a painter met a ponder.")], knows) == "the ponter"


@pytest.mark.parametrize(
    ("one", "other", "errors"),
    [("presure", "pressure", 1), ("recieve", "receive", 1), ("tank", "tank", 0), ("sertifcate", "certificate", 2),
     ("abcdef", "uvwxyz", None)],
)  # fmt: skip
def test_errors_are_counted(one: str, other: str, errors: int | None) -> None:
    assert errors_between(one, other, 2) == errors


def test_many_long_passages_take_little_time() -> None:
    words = [f"{chr(97 + a)}{chr(97 + b)}{chr(97 + c)}rtsu" for a in range(26) for b in range(26) for c in range(8)]
    found: list[Passage] = [passage(" ".join(words[at : at + 300]), ordinal=at) for at in range(0, len(words), 300)]
    before = time.process_time()
    respelled("aaxrtsuq bbxrtsuq ccxrtsuq ddxrtsuq eexrtsuq", found, knows)
    assert time.process_time() - before < 1.0


def test_words_written_as_one_are_read_as_the_two_of_the_documents() -> None:
    found = [table("No.: 4; Machine: Belt sander 75 mm; Deposit: 90.00"), passage("Drain-cleaning is extra.")]
    assert respelled("deposit for the beltsander", found, knows) == "deposit for the belt sander"
    assert respelled("draincleaning deposit", found, knows) == "drain cleaning deposit"
    assert respelled("deposit for the sandbelter", found, knows) == "deposit for the sandbelter"


def test_a_word_is_unknown_that_neither_passages_nor_the_dictionary_have() -> None:
    assert has_unknown_word("delivery of the presure tank", FOUND, knows)
    assert not has_unknown_word("delivery of the pressure tank", FOUND, knows)
    assert not has_unknown_word("delivery of the presure tank", FOUND, None)
