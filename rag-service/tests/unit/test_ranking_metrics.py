"""Measures of an order, against values worked out by hand."""

from math import log2

import pytest
from rag_service.domain.ranking_metrics import ndcg, recall, reciprocal_rank


def test_recall_is_the_share_of_the_relevant_in_the_first_places() -> None:
    judged = {"a": 1, "b": 1, "c": 2, "d": 0}
    assert recall(["a", "x", "c", "b"], judged, 3) == pytest.approx(2 / 3)
    assert recall(["a", "x", "c", "b"], judged, 10) == 1
    assert recall(["d", "x"], judged, 10) == 0


def test_ndcg_counts_later_places_less() -> None:
    judged = {"a": 1, "b": 1}
    assert ndcg(["a", "b", "x"], judged, 10) == 1
    assert ndcg(["x", "a", "b"], judged, 10) == pytest.approx((1 / log2(3) + 1 / log2(4)) / (1 + 1 / log2(3)))
    assert ndcg(["x", "y", "z"], judged, 10) == 0


def test_ndcg_uses_degrees_of_relevance() -> None:
    judged = {"best": 3, "good": 2, "fair": 1}
    found = (1 / log2(2) + 3 / log2(3) + 2 / log2(4)) / (3 / log2(2) + 2 / log2(3) + 1 / log2(4))
    assert ndcg(["fair", "best", "good"], judged, 10) == pytest.approx(found)
    assert ndcg(["fair", "best", "good"], judged, 10) == pytest.approx(0.8174935137)


def test_the_best_order_is_cut_at_the_same_place() -> None:
    assert ndcg(["a"], {"a": 1, "b": 1, "c": 1}, 1) == 1


def test_the_reciprocal_rank_is_that_of_the_first_relevant_thing() -> None:
    judged = {"a": 1, "b": 2, "no": 0}
    assert reciprocal_rank(["no", "x", "b", "a"], judged, 10) == pytest.approx(1 / 3)
    assert reciprocal_rank(["x", "y", "a"], judged, 2) == 0


def test_a_repeated_item_counts_once() -> None:
    assert ndcg(["a", "a", "b"], {"a": 1, "b": 1}, 2) == 1
    assert recall(["a", "a", "b"], {"a": 1, "b": 1}, 2) == 1


@pytest.mark.parametrize("measure", [recall, ndcg, reciprocal_rank])
def test_where_nothing_is_relevant_there_is_nothing_to_measure(measure: object) -> None:
    with pytest.raises(ValueError, match="nothing is relevant"):
        measure(["a"], {"a": 0}, 10)  # type: ignore[operator]
