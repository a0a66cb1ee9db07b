"""Near duplicates are found, and nothing that rests on them is taken for knowledge of other texts."""

from dataclasses import replace

import numpy as np
import pytest
from ai_service.adapters.local.classifier.calibration import NEVER
from ai_service.adapters.local.classifier.evaluation import evaluate
from ai_service.adapters.local.classifier.examples import Example, Split, split
from ai_service.adapters.local.classifier.held_out import (
    HeldOut,
    HeldOutFigures,
    compare_heads,
    reason_not_to_serve,
    restricted_to_measured,
)
from ai_service.adapters.local.classifier.near_duplicates import groups, has_near_duplicate, last_of_each_group
from ai_service.adapters.local.classifier.training import train

from .word_encoder import BEGIN, LABELS, WordEncoder, tickets

ENCODER = WordEncoder()
TEMPLATES = {
    "IT": "the laptop lost its vpn password again and the login screen shows an error, case number",
    "Money": "the invoice of the vendor needs a refund from the travel budget this month, case number",
}


def repeated(number: int, *, first: int = 0) -> list[Example]:
    """Write tickets of two templates, one after the other."""
    names = list(TEMPLATES)
    return [
        Example(
            str(place), f"{TEMPLATES[names[place % 2]]} {place}", names[place % 2], BEGIN.replace(minute=place % 60)
        )
        for place in range(first, first + number)
    ]


def vectors(examples: list[Example]) -> np.ndarray:
    return ENCODER.embed([each.text for each in examples])


def test_texts_of_one_template_are_one_group_and_others_are_alone() -> None:
    different = tickets(40)
    found = groups(vectors([*repeated(30), *different]))
    assert len(set(found[:30].tolist())) == 2
    assert len(set(found[30:].tolist())) == 40
    assert not set(found[:30].tolist()) & set(found[30:].tolist())


def test_groups_are_found_across_blocks_and_chains_are_one_group() -> None:
    angles = np.linspace(0, np.pi / 2, 1_200)  # each text lies near the next one, the last far from the first
    chain = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert set(groups(chain).tolist()) == {0}
    assert groups(np.eye(3, dtype=np.float32)).tolist() == [0, 1, 2]
    assert groups(np.zeros((0, 3), np.float32)).tolist() == []


def test_one_of_each_group_is_its_last() -> None:
    assert last_of_each_group(np.array([0, 1, 0, 2, 1])).tolist() == [2, 3, 4]


def test_a_near_duplicate_of_a_learnt_text_is_recognized() -> None:
    learnt = vectors(repeated(10))
    assert (
        has_near_duplicate(vectors([*repeated(4, first=500), *tickets(5)]), learnt).tolist() == [True] * 4 + [False] * 5
    )
    assert has_near_duplicate(learnt, learnt[:0]).tolist() == [False] * 10


def test_two_templates_promise_something_for_their_near_duplicates_alone() -> None:
    head = train(repeated(300), LABELS, ENCODER)
    assert head.general.threshold.value == NEVER
    assert head.duplicates is not None
    assert head.duplicates.can_accept
    near, foreign, cousin = head.classify(
        texts := [
            repeated(1, first=900)[0].text,
            "door heating lift window light",
            "where is the refund of my invoice",
        ],
        ENCODER.embed(texts),
    )
    assert (near.label, near.abstention_reason) == ("IT", "")
    assert "too few different tickets" in foreign.abstention_reason
    assert "too few different tickets" in cousin.abstention_reason


def test_a_template_that_is_sent_often_does_not_make_other_texts_sure() -> None:
    few = tickets(120, noise=0.25)
    alone = train(few, LABELS, ENCODER)
    crowded = train([*few, *(replace(each, subject=f"again{each.subject}") for each in repeated(600))], LABELS, ENCODER)
    test = tickets(400, noise=0.25, seed=7)
    without, beside = evaluate(alone, test, ENCODER), evaluate(crowded, test, ENCODER)
    assert beside.accepted <= without.accepted + 0.1
    assert beside.calibration_error < 0.15


def test_near_duplicates_of_learnt_tickets_are_measured_apart() -> None:
    parts = split([*repeated(100), *(replace(each, at=each.at.replace(year=2027)) for each in tickets(100))])
    mixed = Split((*parts.learn, *repeated(20, first=300)), (*parts.held_out, *repeated(30, first=700)))
    held_out = HeldOut.of(mixed, ENCODER)
    assert len(held_out.repeated) == 30
    assert held_out.apart == parts.held_out
    measured = HeldOutFigures.of(train(mixed.learn, LABELS, ENCODER), held_out, ENCODER)
    assert measured.apart is not None
    assert measured.repeated is not None
    assert (measured.apart.examples, measured.repeated.examples) == (40, 30)


def test_of_near_duplicates_among_the_held_out_one_is_measured_on() -> None:
    held_out = HeldOut.of(Split(tuple(tickets(50)), (*repeated(30), *tickets(5, seed=8))), ENCODER)
    assert (len(held_out.apart), held_out.repeated) == (7, ())


def test_what_cannot_be_measured_is_not_relied_on() -> None:
    parts = split(tickets(200))
    head = train(parts.learn, LABELS, ENCODER)
    assert head.can_accept
    assert reason_not_to_serve(head, parts, HeldOut.of(parts, ENCODER)) == ""
    near_duplicates = Split(parts.learn, tuple(replace(each, text=f"{each.text} thanks") for each in parts.learn[:40]))
    held_out = HeldOut.of(near_duplicates, ENCODER)
    assert len(held_out.repeated) == 40
    assert not restricted_to_measured(head, held_out).can_accept
    assert "too few different tickets were held out" in reason_not_to_serve(head, near_duplicates, held_out)


@pytest.mark.parametrize("kind", ["apart", "repeated"])
def test_a_head_that_is_worse_on_either_kind_may_not_serve(kind: str) -> None:
    parts = split(tickets(200))
    figures = evaluate(train(parts.learn, LABELS, ENCODER), parts.held_out, ENCODER)
    before = HeldOutFigures(figures, figures)
    assert compare_heads(before, before).ok
    worse = replace(before, **{kind: replace(figures, macro_f1=figures.macro_f1 - 0.1)})
    assert not compare_heads(worse, before).ok
    assert compare_heads(HeldOutFigures(None, figures), before).ok
