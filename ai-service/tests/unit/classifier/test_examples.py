"""Splitting examples into training and held-out sets."""

from dataclasses import replace
from datetime import timedelta

from ai_service.adapters.local.classifier.examples import (
    MAX_HELD_OUT,
    Example,
    LabelInfo,
    data_version,
    new_hold_out_decisions,
    split,
    unique,
)

from .word_encoder import BEGIN, tickets

LATE = BEGIN + timedelta(days=1)


def test_the_same_text_counts_once_with_its_latest_label() -> None:
    examples = [
        Example("1", "VPN  down", "IT", BEGIN),
        Example("2", "vpn down\n", "House", LATE),
        Example("3", "other", "IT", BEGIN),
    ]
    assert [(each.subject, each.label) for each in unique(examples, ["IT", "House"])] == [("3", "IT"), ("2", "House")]


def test_a_label_that_is_gone_and_an_empty_text_teach_nothing() -> None:
    assert unique([Example("1", "a", "Gone", BEGIN), Example("2", " \n", "IT", BEGIN)], ["IT"]) == []


def test_the_newest_fifth_is_held_out_once_that_is_enough() -> None:
    few, many = tickets(99), tickets(100)
    assert split(few).held_out == ()
    parts = split(many)
    assert len(parts.held_out) == 20
    assert max(each.at for each in parts.learn) < min(each.at for each in parts.held_out)
    assert {*parts.learn, *parts.held_out} == set(many)


def later(examples: list[Example], *, first: int) -> list[Example]:
    """Return them as other, later tickets."""
    return [
        replace(each, subject=str(first + place), text=f"{each.text} {first}", at=each.at + timedelta(days=first))
        for place, each in enumerate(examples)
    ]


def used(examples: list[Example]) -> list[Example]:
    """Return what a training that used them leaves behind."""
    held_out = new_hold_out_decisions(examples, examples, split(examples))
    return [replace(each, held_out=held_out.get(each.subject, each.held_out)) for each in examples]


def test_what_was_held_out_stays_so_and_of_what_is_new_the_newest_fifth_joins_it() -> None:
    first = used(tickets(200))
    again = split([*first, *later(tickets(50), first=1_000)])
    before = {each.subject for each in first if each.held_out}
    assert len(before) == 40
    assert {each.subject for each in again.held_out} == before | {str(1_000 + place) for place in range(40, 50)}
    assert split(first).held_out == tuple(each for each in first if each.held_out)  # nothing new, nothing moves


def test_where_few_come_at_a_time_there_is_soon_enough_to_measure_on() -> None:
    examples: list[Example] = []
    sizes = []
    for number in range(6):
        examples = used([*examples, *later(tickets(30), first=1_000 * number)])
        sizes.append(sum(bool(each.held_out) for each in examples))
    assert sizes == [0, 0, 0, 15, 21, 27]


def test_only_the_newest_of_what_was_held_out_are_measured_on_and_none_is_learnt_from() -> None:
    old = [replace(each, held_out=True) for each in tickets(MAX_HELD_OUT + 50)]
    parts = split([*old, *later(tickets(10), first=9_000)])
    assert len(parts.held_out) == MAX_HELD_OUT
    assert {each.held_out for each in parts.learn} == {None}


def test_a_duplicate_of_a_text_that_is_held_out_is_not_trained_on() -> None:
    held = Example("old", "VPN down", "IT", BEGIN, held_out=True)
    duplicate = Example("new", "vpn  DOWN", "House", LATE)
    raw_examples = [held, duplicate, *(replace(each, held_out=False) for each in tickets(10))]
    examples = unique(raw_examples, ["IT", "House", "Money"])
    parts = split(examples)
    assert [(each.subject, each.label) for each in parts.held_out] == [("new", "House")]
    assert "vpn  DOWN" not in {each.text for each in parts.learn}
    assert new_hold_out_decisions(raw_examples, examples, parts) == {"new": True}


def test_a_text_that_was_not_used_is_not_decided_about() -> None:
    raw_examples = [Example("1", "a", "Gone", BEGIN), Example("2", "b", "IT", BEGIN)]
    examples = unique(raw_examples, ["IT"])
    assert new_hold_out_decisions(raw_examples, examples, split(examples)) == {"2": False}


def test_a_version_stands_for_texts_and_labels() -> None:
    examples = tickets(5)
    assert data_version(examples) == data_version(list(examples))
    assert data_version(examples) != data_version([replace(examples[0], label="House!"), *examples[1:]])


def test_a_label_is_read_as_what_people_call_it() -> None:
    assert LabelInfo("Office_space", "rooms").text == "Office space. rooms"
    assert LabelInfo("7", "wifi, vpn", called="Net_works").text == "Net works. wifi, vpn"
