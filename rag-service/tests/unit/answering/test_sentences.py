"""Sentences and their exact places."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_service.domain.answering.language.sentences import MAX_SENTENCE_CHARACTERS, split
from rag_service.domain.document import PassageKind


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


def test_every_row_of_a_table_is_one_sentence_however_long_it_is() -> None:
    long = "Article: Bolt M8; Remark: " + "Store it dry. " * 120 + "Price: 0.40 EUR"
    rows = ["Article: Nut M8; Remark: see No. 4. Keep it. Price: 0.10 EUR", long, "Oslo | 10:00 | 16:00"]
    found = split("\n".join([rows[0], "", *rows[1:]]), PassageKind.ROWS)
    assert [each.text for each in found] == rows
    assert {each.kind for each in found} == {"table"}
    assert len({each.block for each in found}) == 3


def test_the_question_of_a_stored_answer_is_a_heading_and_its_answer_follows() -> None:
    text = "Is there a discount? For schools\nYes. Ask sales, e.g. by mail.\n\n1. Write to them\n2. Wait"
    found = split(text, PassageKind.QA)
    assert [(each.kind, each.block, each.text) for each in found] == [
        ("heading", 0, "Is there a discount? For schools"),
        ("prose", 1, "Yes."),
        ("prose", 1, "Ask sales, e.g. by mail."),
        ("item", 2, "Write to them"),
        ("item", 2, "Wait"),
    ]


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
@given(st.lists(PIECES | st.text(max_size=12), max_size=40).map("".join), st.sampled_from(PassageKind))
def test_every_sentence_is_exactly_at_its_position(text: str, kind: PassageKind) -> None:
    found = split(text, kind)
    assert all(text[each.start : each.end] == each.text and each.text.strip() == each.text for each in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
