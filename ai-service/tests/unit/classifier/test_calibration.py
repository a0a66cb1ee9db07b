"""Confidences that mean what they say, and thresholds that keep their promise."""

import numpy as np
import pytest
from ai_service.classifier.calibration import (
    BINS,
    CERTAINTY,
    NEVER,
    expected_calibration_error,
    lower_bound,
    reliability,
    softmax,
    temperature,
    threshold,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

SHARES = st.floats(0.0, 1.0)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_bound_is_scipys_own(counts: tuple[int, int]) -> None:
    right, number = counts
    other = binomtest(right, number, alternative="greater").proportion_ci(CERTAINTY, method="exact").low
    assert lower_bound(right, number) == pytest.approx(other, abs=1e-9)


@given(st.integers(1, 200), st.data())
def test_more_right_answers_never_lower_the_bound(number: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, number - 1))
    assert lower_bound(right, number) <= lower_bound(right + 1, number) <= 1.0


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


@given(st.lists(st.tuples(SHARES, st.booleans()), min_size=1, max_size=200))
def test_the_bins_hold_everything_and_the_error_is_a_share(pairs: list[tuple[float, bool]]) -> None:
    confidence, correct = np.array([p[0] for p in pairs], float), np.array([p[1] for p in pairs], bool)
    bins = reliability(confidence, correct)
    assert sum(share for share, _, _ in bins) == pytest.approx(1.0)
    assert len(bins) <= BINS
    assert 0.0 <= expected_calibration_error(confidence, correct) <= 1.0


def test_the_temperature_takes_back_what_was_exaggerated() -> None:
    random = np.random.default_rng(3)
    honest = random.normal(size=(4_000, 4))
    truth = np.array([random.choice(4, p=row) for row in softmax(honest)])
    assert temperature(honest * 5.0, truth) == pytest.approx(0.2, rel=0.15)


def test_too_few_answers_promise_nothing() -> None:
    assert threshold(np.ones(9), np.ones(9, bool), 0.5).value == NEVER
