"""What is learnt from, and what is kept to measure on."""

from dataclasses import replace
from datetime import timedelta

from ai_service.classifier.examples import Example, data_version, split, unique

from .words import BEGIN, tickets

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


def test_a_version_stands_for_texts_and_labels() -> None:
    examples = tickets(5)
    assert data_version(examples) == data_version(list(examples))
    assert data_version(examples) != data_version([replace(examples[0], label="House!"), *examples[1:]])
