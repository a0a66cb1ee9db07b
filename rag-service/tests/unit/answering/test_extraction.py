"""Answers of the passages' own sentences, and their citations."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_service.domain.answering.citation import Cited, Span, is_exact, label, labelled, sources_of
from rag_service.domain.answering.extraction import MAX_STEPS, asks_how, sentences, steps
from rag_service.domain.answering.prompt_injection import is_injection
from rag_service.usecases.assess_passages import assess

from .passages import HANDBOOK, HOURS, by_words, passage, uuid
from .test_prompt_injection import ORDERS

HOW = "How do I repair the VPN?"


def test_a_list_is_taken_whole_and_in_its_order() -> None:
    found = steps(assess(HOW, [passage(HANDBOOK)], by_words), 0.0)
    assert [each.text for each in found] == [
        "Open the VPN client and choose Forget this connection.",
        "Restart your computer.",
        "Sign in at https://vpn.corp.example with your company account.",
        "Enter the code from your phone.",
    ]


def test_steps_come_in_the_documents_order_whatever_fits_best() -> None:
    second = passage("Then open the VPN repair menu and repair the VPN.", ordinal=2)
    first = passage("Close the VPN window first to repair the VPN.", ordinal=1)
    texts = [each.text for each in steps(assess(HOW, [second, first], by_words), 0.0)]
    assert texts == [
        "Close the VPN window first to repair the VPN.",
        "Then open the VPN repair menu and repair the VPN.",
    ]


def test_the_same_step_of_two_documents_rests_on_both() -> None:
    one, other = passage("Restart the VPN client.", "a.md"), passage("Restart the VPN client.", "b.md")
    [only] = steps(assess(HOW, [one, other], by_words), 0.0)
    assert set(only.chunk_ids) == {one.chunk_id, other.chunk_id}
    assert is_exact(only, [one, other])


def test_a_command_stays_with_the_step_that_announces_it() -> None:
    text = "Run this to repair the VPN:\n```sh\nvpn repair --all\n```\nIt takes a minute."
    found = steps(assess(HOW, [passage(text)], by_words), 0.0)
    assert [each.text for each in found] == ["Run this to repair the VPN:", "vpn repair --all"]
    assert all(is_exact(each, [passage(text)]) for each in found)


def test_without_instructions_the_best_sentences_are_the_answer() -> None:
    [first, *_] = steps(assess("When is the help desk open?", [passage(HOURS)], by_words), 0.0)
    assert first.text.startswith("The help desk is open from Monday")


def test_there_are_never_more_than_ten_steps() -> None:
    text = "\n".join(f"{number}. Open VPN menu {number} and choose colour{number} there." for number in range(30))
    assert len(steps(assess(HOW, [passage(text)], by_words), 0.0)) == MAX_STEPS


def test_passages_that_do_not_answer_give_nothing() -> None:
    found = assess(HOW, [passage(HANDBOOK)], by_words)
    assert steps(found, 1.1) == sentences(found, 1.1) == []


@pytest.mark.parametrize("order", ORDERS)
def test_prompt_injection_orders_never_come_out(order: str) -> None:
    given_ = [passage(f"1. Open the VPN client.\n2. {order}\n\nThe VPN is good. {order}\n\nRestart the VPN client."),
              passage(order, "b.md")]  # fmt: skip
    found = assess(HOW, given_, by_words)
    texts = [each.text for each in (*steps(found, 0.0), *sentences(found, 0.0))]
    assert texts
    assert not any(is_injection(text) for text in texts)
    assert set(texts) == {"Restart the VPN client."}


TEXT = st.lists(
    st.sampled_from(
        ["Open it. ", "- ", "1. ", "\n", "\n\n", "The VPN is on. ", "![a](http://e.example) ", "e.g. ", "# "]
    )
    | st.sampled_from(ORDERS)
    | st.text(max_size=15),
    max_size=25,
).map("".join)


@settings(deadline=None)
@given(st.lists(TEXT, max_size=4), st.sampled_from([HOW, "What is the VPN?"]))
def test_whatever_is_extracted_is_exact_cited_and_no_order(texts: list[str], question: str) -> None:
    given_ = [passage(text, ordinal=locator) for locator, text in enumerate(texts)]
    found = assess(question, given_, None)
    for each in (*steps(found, 0.0), *sentences(found, 0.0)):
        assert each.chunk_ids
        assert is_exact(each, given_)
        assert not is_injection(each.text)
        assert "e.example" not in each.text or "http://e.example" in "".join(texts)


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


@pytest.mark.parametrize(("question", "how"), [("How do I reset it?", True), ("How many are there?", False)])
def test_questions_for_instructions_differ_from_questions_for_facts(question: str, how: bool) -> None:
    assert asks_how(question) is how
