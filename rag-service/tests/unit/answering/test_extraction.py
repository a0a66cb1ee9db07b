"""Answers of the passages' own sentences, and their citations."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_service.domain.answering.citation import Cited, Span, is_exact, label, labelled, sources_of
from rag_service.domain.answering.extraction import MAX_ROWS, Extracted, extract
from rag_service.domain.answering.safety.prompt_injection import is_injection
from rag_service.domain.answering.units.instructions import MAX_STEPS
from rag_service.domain.answering.units.unit_model import unit_model
from rag_service.domain.document import PassageKind
from rag_service.domain.passage import Passage
from rag_service.usecases.assess_passages import Embed, assess

from .passages import HANDBOOK, by_words, passage, uuid
from .test_prompt_injection import ORDERS

HOW = "How do I repair the VPN?"


def extracted(
    question: str, given_: Sequence[Passage], embed: Embed | None = by_words, least: float | None = 0.0
) -> Extracted:
    return extract(
        question, assess(question, given_, embed), unit_model("by_words" if embed is None else "with_encoder"), least
    )


def texts(question: str, *given_: Passage, least: float | None = 0.0) -> list[str]:
    return [each.text for each in extracted(question, given_, least=least).cited]


def table(rows: str, name: str = "prices.xlsx", *, ordinal: int = 0) -> Passage:
    return replace(passage(rows, name, ordinal=ordinal, locator="sheet 1"), kind=PassageKind.ROWS)


def stored(question: str, answer: str, name: str = "faq.csv", *, ordinal: int = 0) -> Passage:
    return replace(passage(f"{question}\n{answer}", name, ordinal=ordinal), kind=PassageKind.QA)


def test_a_list_is_taken_whole_and_in_its_order() -> None:
    assert texts(HOW, passage(HANDBOOK)) == [
        "Open the VPN client and choose Forget this connection.",
        "Restart your computer.",
        "Sign in at https://vpn.corp.example with your company account.",
        "Enter the code from your phone.",
    ]


def test_of_two_lists_the_one_is_told_that_its_heading_names() -> None:
    text = (
        "1. Join the Ostra share\n1. Open the portal.\n2. Press Join Ostra.\n"
        "2. Leave the Ostra share\n1. Open the menu.\n2. Choose Exit.\n3. Confirm it."
    )
    assert texts("How do I leave the Ostra share?", passage(text)) == ["Open the menu.", "Choose Exit.", "Confirm it."]


def test_a_list_that_a_passage_breaks_off_goes_on_in_the_next_one() -> None:
    first = passage("To repair the VPN:\n\n1. Open the VPN client.", ordinal=1)
    second = passage("2. Choose Repair.\n3. Restart your computer.", ordinal=2)
    assert texts(HOW, second, first) == ["Open the VPN client.", "Choose Repair.", "Restart your computer."]


def test_the_same_sentence_of_two_documents_rests_on_both() -> None:
    one, other = passage("The VPN profile lasts 90 days.", "a.md"), passage("The VPN profile lasts 90 days.", "b.md")
    [only] = extracted("How long does the VPN profile last?", [one, other]).cited
    assert set(only.chunk_ids) == {one.chunk_id, other.chunk_id}
    assert is_exact(only, [one, other])


def test_a_file_under_two_names_is_cited_once() -> None:
    text = f"The VPN profile lasts 90 days. {'It is made by the office that also gives out the keys. ' * 4}"
    copies = [passage(text, name) for name in ("vpn.pdf", "vpn (copy).pdf")]
    [first, *_] = extracted("How long does the VPN profile last?", copies).cited
    assert first.text == "The VPN profile lasts 90 days."
    assert first.chunk_ids == (copies[0].chunk_id,)


def test_a_command_stays_with_the_step_that_announces_it() -> None:
    text = "Run this to repair the VPN:\n```sh\nvpn repair --all\n```\nIt takes a minute."
    found = extracted(HOW, [passage(text)]).cited
    assert [each.text for each in found] == ["Run this to repair the VPN:", "vpn repair --all"]
    assert all(is_exact(each, [passage(text)]) for each in found)


def test_no_imperative_answers_a_question_for_a_fact() -> None:
    text = "Keep the Tormund depot tidy. The Tormund depot closes at 18:05 sharp. Always lock the Tormund depot."
    assert texts("When does the Tormund depot close?", passage(text)) == ["The Tormund depot closes at 18:05 sharp."]


def test_there_are_never_more_than_ten_steps() -> None:
    text = "\n".join(f"{number}. Open VPN menu {number} and choose colour{number} there." for number in range(2, 30))
    assert len(texts(HOW, passage(text))) == MAX_STEPS


def test_passages_that_do_not_answer_give_nothing() -> None:
    assert texts(HOW, passage(HANDBOOK), least=1.1) == []
    assert texts("How many bananas grow in Iceland?", passage(HANDBOOK), least=None) == []


PRICES = "\n".join(
    f"SKU: NB-{number:03d}; Article: Norbo hinge {number}; Price: {number * 3}.50 EUR" for number in range(1, 31)
)


@pytest.mark.parametrize("asked", ["NB-007", "nb 007", "NB007"])
def test_a_row_is_told_whole_and_no_other_one(asked: str) -> None:
    found = extracted(f"What is the price of {asked}?", [table(PRICES)])
    assert [each.text for each in found.cited] == ["SKU: NB-007; Article: Norbo hinge 7; Price: 21.50 EUR"]
    assert is_exact(found.cited[0], [table(PRICES)])


@pytest.mark.parametrize("asked", ["NB-07", "NB-0071", "NB-099", "NC-007"])
def test_a_code_that_no_row_holds_is_not_answered_from_another_row(asked: str) -> None:
    assert texts(f"What is the price of {asked}?", table(PRICES)) == []


def test_a_name_that_no_row_holds_is_not_answered_from_another_row() -> None:
    people = table("Name: Ida Horn; Extension: 4410\nName: Ida Vogel; Extension: 4411", "phones.csv")
    assert texts("What is the extension of Ida Vogel?", people) == ["Name: Ida Vogel; Extension: 4411"]
    assert texts("What is the extension of Paul Vogel?", people) == []


def test_rows_that_match_all_the_same_are_told_and_the_rest_is_counted() -> None:
    rows = "\n".join(f"Item: Part {number}; Supplier: Kestova; Price: {number} EUR" for number in range(11, 19))
    found = extracted("Which items does the supplier Kestova deliver?", [table(rows, "items.csv")])
    assert [each.text for each in found.cited] == rows.splitlines()[:MAX_ROWS]
    assert found.notes == ("At least 3 more rows match in items.csv.",)


def test_prose_about_another_code_does_not_answer() -> None:
    text = "Error WT-11: restart the unit.\n\nError WT-111: call the service.\n\nError WT-15: check the fuse."
    assert texts("What should I do on error WT-15?", passage(text)) == ["Error WT-15: check the fuse."]
    assert texts("What does error WT-11 mean?", passage(text)) == ["Error WT-11: restart the unit."]
    assert texts("What should I do on error WT-1?", passage(text)) == []


def test_a_stored_answer_is_told_whole_in_its_order_and_no_other_one() -> None:
    pair = stored("How do I pair the Dunmore headset?", "Hold both keys. Then choose it. Do not unplug it.")
    clean = stored("How do I clean the Dunmore headset?", "Use a dry cloth. Never use water.", ordinal=1)
    sale = stored("Is there a Dunmore discount?", "No.", ordinal=2)
    assert texts("How can I pair my Dunmore headset?", clean, pair, sale) == [
        "Hold both keys.", "Then choose it.", "Do not unplug it.",
    ]  # fmt: skip
    assert texts("Is there a Dunmore discount?", pair, clean, sale) == ["No."]


def test_documents_that_contradict_each_other_are_both_told_the_newest_first() -> None:
    old = passage("Valid from 1 May 2027.\n\nThe Morva meal allowance is 19 EUR per day.", "circular.md")
    new = passage("Valid from 1 May 2029.\n\nThe Morva meal allowance is 27 EUR per day.", "rules.md")
    found = extracted("What is the Morva meal allowance per day?", [old, new])
    assert [each.text for each in found.cited] == [
        "The Morva meal allowance is 27 EUR per day.", "The Morva meal allowance is 19 EUR per day.",
    ]  # fmt: skip
    assert found.notes == (
        "These documents differ: rules.md (2029-05-01); circular.md (2027-05-01). Check which one applies.",
    )


@pytest.mark.parametrize("order", ORDERS)
def test_prompt_injection_orders_never_come_out(order: str) -> None:
    given_ = [passage(f"1. Open the VPN client.\n2. {order}\n\nThe VPN is good. {order}\n\nRestart the VPN client."),
              passage(order, "b.md")]  # fmt: skip
    for question in (HOW, "What is the VPN?"):
        told = texts(question, *given_)
        assert not any(is_injection(text) for text in told)
        assert set(told) <= {"Restart the VPN client."}
    assert texts(HOW, *given_)


TEXT = st.lists(
    st.sampled_from(
        [
            "Open it. ",
            "- ",
            "1. ",
            "\n",
            "\n\n",
            "The VPN is on. ",
            "![a](http://e.example) ",
            "e.g. ",
            "# ",
            "A: 1; B: 2\n",
        ]
    )
    | st.sampled_from(ORDERS)
    | st.text(max_size=15),
    max_size=25,
).map("".join)


@settings(deadline=None)
@given(
    st.lists(st.tuples(TEXT, st.sampled_from(PassageKind)), max_size=4),
    st.sampled_from([HOW, "What is the VPN?", "What is B of A-1?", "When?"]),
)
def test_whatever_is_extracted_is_exact_cited_and_no_order(
    given_texts: list[tuple[str, PassageKind]], question: str
) -> None:
    given_ = [replace(passage(text, ordinal=place), kind=kind) for place, (text, kind) in enumerate(given_texts)]
    for each in extracted(question, given_, None).cited:
        assert each.chunk_ids
        assert is_exact(each, given_)
        assert not is_injection(each.text)
        assert "e.example" not in each.text or "http://e.example" in "".join(text for text, _ in given_texts)


def test_a_changed_quotation_is_not_exact() -> None:
    given_ = passage("Restart the VPN client.")
    span = Span(given_.chunk_id, 0, len(given_.text))
    assert is_exact(Cited(given_.text, (given_.chunk_id,), (span,)), [given_])
    assert not is_exact(Cited("Restart the VPN server.", (given_.chunk_id,), (span,)), [given_])
    assert not is_exact(Cited(given_.text, (given_.chunk_id,)), [given_])
    assert not is_exact(Cited(given_.text, (uuid("other"),), (span,)), [given_])
    assert not is_exact(Cited(given_.text, (given_.chunk_id,), (span,)), [])


def test_citations_name_file_place_and_number() -> None:
    one, other = passage("A.", "vpn-handbook.pdf"), passage("B.", "hours.md", locator="")
    cited = Cited("Both say so.", (one.chunk_id, other.chunk_id))
    sources = sources_of([cited], [other, one, passage("C.", "c.md")])
    assert labelled(cited, sources) == "Both say so. [vpn-handbook.pdf:p. 3#1] [hours.md:text#2]"


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_no_name_of_a_file_breaks_its_citation(title: str, locator: str) -> None:
    assert re.fullmatch(r"\[[^\[\]:#]+:[^\[\]:#]+#1\]", label(title, locator, 1))


def test_a_list_of_rooms_does_not_answer_what_happens_to_them() -> None:
    rows = replace(table("Room: Avon; Seats: 8\nRoom: Wye; Seats: 12"), heading=("Meeting rooms",))
    assert texts("What happens to a meeting room if nobody turns up?", rows) == []
    assert texts("How many seats does Avon have?", rows) == ["Room: Avon; Seats: 8"]


def test_what_is_to_be_done_is_told_whole_where_a_short_text_has_the_heading_for_it() -> None:
    text = "Call the desk on 2400. The desk locks the phone. Report the number to the police."
    lost = replace(passage(text), heading=("My phone was lost or stolen",))
    told = ["Call the desk on 2400.", "The desk locks the phone.", "Report the number to the police."]
    assert texts("My phone was stolen. What am I supposed to do?", lost, least=0.01) == told
    assert texts("phone stolen", lost, least=0.4) == []


def test_a_sentence_about_the_other_side_of_a_border_does_not_answer() -> None:
    text = "Storage between 500 GB and 2 TB costs 565 EUR a year. Above 2 TB, storage is 616 EUR a year."
    assert texts("What does storage cost above 2 TB?", passage(text), least=0.3) == [
        "Above 2 TB, storage is 616 EUR a year."
    ]


def test_the_border_that_is_asked_about_is_told_beside_what_holds_for_all() -> None:
    later = "After five years there is one more, after ten years there are three more."
    text = f"Staff have 26 days of holiday a year. {later}"
    told = texts("How many days of holiday do staff have a year after ten years?", passage(text), least=0.4)
    assert told[-1] == later


def test_an_instruction_without_a_word_of_the_question_is_none() -> None:
    text = "All customer data is exported under Reports. Please read this page twice a year."
    assert texts("How do I export all customer data?", passage(text), least=0.3) == [
        "All customer data is exported under Reports."
    ]
