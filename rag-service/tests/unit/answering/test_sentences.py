"""Sentences and their exact places."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_service.domain.answering.sentences import MAX_SENTENCE_CHARACTERS, split


def shown(text: str) -> list[str]:
    return [each.shown for each in split(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Dr. Smith called. He left.", ["Dr. Smith called.", "He left."]),
        ("Use v. 2.5, e.g. on Mac OS X 10.4. Then stop.", ["Use v. 2.5, e.g. on Mac OS X 10.4.", "Then stop."]),
        ("It sells in the U.S. The price is $3.50.", ["It sells in the U.S.", "The price is $3.50."]),
        ("J. R. Meyer wrote it. Who else?", ["J. R. Meyer wrote it.", "Who else?"]),
        ("See https://x.example/a.b?c=d. Then go.", ["See https://x.example/a.b?c=d.", "Then go."]),
        ("Das gilt z.B. hier, bzw. dort. Und nun?", ["Das gilt z.B. hier, bzw. dort.", "Und nun?"]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("open the lid. then press start.", ["open the lid.", "then press start."]),
        ("这是第一句。这是第二句。", ["这是第一句。", "这是第二句。"]),
        ("", []),
    ],
)
def test_a_sentence_ends_where_a_reader_ends_it(text: str, sentences: list[str]) -> None:
    assert shown(text) == sentences


def test_a_sentence_that_was_wrapped_stays_one() -> None:
    text = "The profile of the virtual private network is\nrenewed every month. Wait\nfor it."
    assert shown(text) == ["The profile of the virtual private network is renewed every month.", "Wait for it."]


def test_items_lose_their_number_and_keep_their_sentences() -> None:
    found = split("1. Open it. Click Save.\n2) Wait\n- Close it\n• Go")
    assert [each.kind for each in found] == ["item"] * 5
    assert [each.text for each in found] == ["Open it.", "Click Save.", "Wait", "Close it", "Go"]


def test_headings_rows_and_code_stay_whole() -> None:
    found = split("## Set up. Quickly\n\nPrices\n| a | 1. 2 |\n|---|---|\n\n```\nx = 1. Y\n```\nDone now.")
    assert [(each.kind, each.text) for each in found] == [
        ("heading", "Set up. Quickly"),
        ("heading", "Prices"),
        ("table", "| a | 1. 2 |"),
        ("code", "```\nx = 1. Y\n```"),
        ("prose", "Done now."),
    ]


def test_a_text_without_any_end_is_cut_between_words() -> None:
    found = split("word " * 1_000)
    assert len(found) > 1
    assert max(len(each.text) for each in found) <= MAX_SENTENCE_CHARACTERS


PIECES = st.sampled_from(
    [
        " ",
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        "1. ",
        "- ",
        "# ",
        "| a | b |",
        "```",
        ". ",
        "! ",
        "e.g. ",
        "Dr. ",
        "3.5",
        "Ü",
        "。",
    ]
)


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=12), max_size=40).map("".join))
def test_every_sentence_is_exactly_at_its_position(text: str) -> None:
    found = split(text)
    assert all(text[each.start : each.end] == each.text and each.text.strip() == each.text for each in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
