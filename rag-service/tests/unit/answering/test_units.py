"""Rows, stored answers, and sentences with what they lean on."""

from rag_service.domain.answering.language.sentences import split
from rag_service.domain.answering.units.units import units_of
from rag_service.domain.document import PassageKind


def quoted(text: str, kind: PassageKind = PassageKind.PROSE) -> list[list[str]]:
    sentences = split(text, kind)
    return [[sentences[index].text for index in unit.quoted] for unit in units_of(sentences, kind)]


def test_every_row_is_a_unit() -> None:
    rows = "Part: Nut; Price: 0.10 EUR\nPart: Bolt. Long one; Price: 0.40 EUR"
    assert quoted(rows, PassageKind.ROWS) == [[row] for row in rows.splitlines()]


def test_a_stored_answer_is_one_unit_whole_and_in_its_order() -> None:
    text = "How do I pair it?\nHold both keys. Then choose it in the list.\n\n- Do not unplug it."
    assert quoted(text, PassageKind.QA) == [["Hold both keys.", "Then choose it in the list.", "Do not unplug it."]]


def test_a_short_no_is_an_answer() -> None:
    assert quoted("Is there a discount?\nNo.", PassageKind.QA) == [["No."]]


def test_a_sentence_that_leans_back_brings_the_one_before() -> None:
    found = quoted("The Falgate pass is green. It costs 8 EUR. Visitors wait in the hall.")
    assert found == [
        ["The Falgate pass is green."],
        ["The Falgate pass is green.", "It costs 8 EUR."],
        ["Visitors wait in the hall."],
    ]


def test_a_list_comes_with_what_announces_it() -> None:
    found = quoted("Bring to the first day:\n- your passport\n- your contract")
    assert found[0] == ["Bring to the first day:", "your passport", "your contract"]
    assert found[1] == ["Bring to the first day:", "your passport"]


def test_a_yes_is_told_with_its_reason() -> None:
    assert quoted("Yes, you may. Ask the porter for a key first.")[0] == [
        "Yes, you may.", "Ask the porter for a key first.",
    ]  # fmt: skip


MINUTES = """\
1) New quad. Three offers were compared. The one for 21,400 euros was chosen.
2) Summer party. On 17 July, from 4 pm. Beate plans the food.
3) Restart your computer. Wait for five minutes."""


def test_an_item_with_a_title_is_quoted_with_it() -> None:
    sentences = split(MINUTES)
    quoted = [
        " ".join(sentences[at].shown for at in unit.quoted) for unit in units_of(sentences, PassageKind.PROSE, MINUTES)
    ]
    assert "New quad. The one for 21,400 euros was chosen." in quoted
    assert "Summer party. On 17 July, from 4 pm. Beate plans the food." in quoted
    assert "New quad." not in quoted
    assert "Wait for five minutes." in quoted


def test_a_line_about_a_thing_is_quoted_whole() -> None:
    text = "Large box: soup, bread and cake. £9.90 a head. From ten guests.\nWe deliver before noon. Ask for a plate."
    sentences = split(text, PassageKind.PROSE)
    found = [[sentences[at].text for at in unit.quoted] for unit in units_of(sentences, PassageKind.PROSE, text)]
    whole = ["Large box: soup, bread and cake.", "£9.90 a head.", "From ten guests."]
    assert whole in found
    assert ["£9.90 a head."] not in found
    assert ["We deliver before noon."] in found
