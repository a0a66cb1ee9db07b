"""Confidences that mean what they say, and thresholds that keep their promise."""

import numpy as np
import pytest
from ai_service.adapters.local.classifier.calibration import (
    BINS,
    CERTAINTY,
    MIN_ANSWERS,
    NEVER,
    Floats,
    expected_calibration_error,
    lower_bounds,
    reliability,
    softmax,
    stacking_weights,
    threshold,
)
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest

SHARES = st.floats(0.0, 1.0)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_bound_is_scipys_own(counts: tuple[int, int]) -> None:
    right, number = counts
    other = binomtest(right, number, alternative="greater").proportion_ci(CERTAINTY, method="exact").low
    assert lower_bounds(np.array([right]), np.array([number])) == pytest.approx([other], abs=1e-9)


@given(st.integers(1, 200), st.data())
def test_more_right_answers_never_lower_the_bound(number: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, number - 1))
    fewer, more = lower_bounds(np.array([right, right + 1]), np.array([number, number]))
    assert fewer <= more <= 1.0


@given(st.lists(st.tuples(SHARES, st.booleans()), max_size=200), st.floats(0.5, 0.99))
def test_what_a_threshold_promises_holds_for_what_it_lets_through(
    pairs: list[tuple[float, bool]], target: float
) -> None:
    confidence, correct = np.array([p[0] for p in pairs], float), np.array([p[1] for p in pairs], bool)
    found = threshold(confidence, correct, target)
    through = confidence >= found.value
    assert found.covered == pytest.approx(through.mean() if len(pairs) else 0.0)
    if found.value < NEVER:
        assert found.bound >= target
        assert correct[through].mean() >= found.bound
    else:
        assert not through.any()


@given(st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.8, 0.9]), st.booleans()), max_size=60), st.floats(0.1, 0.9))
def test_no_lower_threshold_would_keep_the_promise(pairs: list[tuple[float, bool]], target: float) -> None:
    confidence, correct = np.array([p[0] for p in pairs], float), np.array([p[1] for p in pairs], bool)
    keep = [
        value
        for value in set(confidence.tolist())
        if (number := int((confidence >= value).sum())) >= MIN_ANSWERS
        and lower_bounds(correct[confidence >= value].sum()[None], np.array([number]))[0] >= target
    ]
    assert threshold(confidence, correct, target).value == min(keep, default=NEVER)


@given(st.lists(st.tuples(SHARES, st.booleans()), min_size=1, max_size=200))
def test_the_bins_hold_everything_and_the_error_is_a_share(pairs: list[tuple[float, bool]]) -> None:
    confidence, correct = np.array([p[0] for p in pairs], float), np.array([p[1] for p in pairs], bool)
    bins = reliability(confidence, correct)
    assert sum(share for share, _, _ in bins) == pytest.approx(1.0)
    assert len(bins) <= BINS
    assert 0.0 <= expected_calibration_error(confidence, correct) <= 1.0


def test_the_weight_of_one_expert_takes_back_what_it_exaggerated() -> None:
    honest, truth = _honest()
    assert stacking_weights(honest[None] * 5.0, truth) == pytest.approx([0.2], rel=0.15)


def test_an_expert_that_guesses_does_not_count() -> None:
    honest, truth = _honest()
    guesses = np.random.default_rng(4).normal(size=honest.shape)
    knows, guessing = stacking_weights(np.stack([honest, guesses]), truth)
    assert knows == pytest.approx(1.0, rel=0.15)
    assert guessing < 0.1


def test_two_experts_that_know_different_things_are_better_than_either() -> None:
    honest, truth = _honest()
    half = np.array([1.0, 1.0, 0.0, 0.0])
    both = np.stack([honest * half, honest * (1 - half)])
    weights = stacking_weights(both, truth)
    assert weights == pytest.approx([1.0, 1.0], rel=0.2)
    right = (np.tensordot(weights, both, 1).argmax(axis=1) == truth).mean()
    assert right > max((each.argmax(axis=1) == truth).mean() for each in both)


def test_texts_that_are_all_right_do_not_make_an_expert_endlessly_sure() -> None:
    truth = np.tile(np.arange(3), 20)
    assert stacking_weights(np.eye(3)[truth][None], truth)[0] < 100


def _honest() -> tuple[Floats, NDArray[np.intp]]:
    random = np.random.default_rng(3)
    honest = random.normal(size=(4_000, 4)) * 2
    return honest, np.array([random.choice(4, p=row) for row in softmax(honest)])


def test_too_few_answers_promise_nothing() -> None:
    assert threshold(np.ones(9), np.ones(9, bool), 0.5).value == NEVER
