"""What lies near a text, and how near each label lies to it."""

import numpy as np
import pytest
from ai_service.adapters.local.classifier.ensemble import MIN_SCORE, SHARPNESS, KernelDensity
from ai_service.adapters.local.classifier.head import NEIGHBOURS, nearest
from hypothesis import given
from hypothesis import strategies as st

LABELS = 5
TEXTS = 3


def vectors(number: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(number, 8)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@given(st.lists(st.integers(0, LABELS - 1), min_size=1, max_size=30), st.integers(0, 1_000))
def test_a_labels_score_is_the_mean_kernel_of_its_vectors(places: list[int], seed: int) -> None:
    memory = KernelDensity(vectors(len(places), seed), np.array(places), LABELS, 0)
    cosines = memory.cosines(vectors(TEXTS, seed + 1))
    scores = memory.scores(cosines)
    for label in range(LABELS):
        own = memory.places == label
        expected = np.log(np.exp(cosines[:, own] * SHARPNESS).mean(axis=1)) if own.any() else np.full(TEXTS, MIN_SCORE)
        assert scores[:, label] == pytest.approx(expected, rel=1e-4, abs=1e-4)


@given(st.integers(1, 30), st.integers(0, 1_000))
def test_the_nearest_are_the_first_of_all_in_order(number: int, seed: int) -> None:
    cosines = np.random.default_rng(seed).normal(size=(TEXTS, number))
    near = nearest(cosines)
    expected = -np.sort(-cosines, axis=1)[:, :NEIGHBOURS]
    assert np.array_equal(near.cosines, expected)
    assert np.array_equal(np.take_along_axis(cosines, near.places, axis=1), expected)
    assert near.mean == pytest.approx(expected.mean(axis=1))
