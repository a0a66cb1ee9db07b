"""Ways of ordering candidates by two figures."""

import numpy as np
import pytest
from rag_service.domain.fusion import Fusion, Method, fused, ordered

COSINES = np.array([0.9, 0.6, 0.5, 0.1])
SHARES = np.array([0.0, 0.8, 0.2, 0.4])


def places(fusion: Fusion) -> list[int]:
    return np.argsort(-fused(fusion, COSINES, SHARES), kind="stable").tolist()


def test_one_figure_alone_orders_by_it() -> None:
    assert places(Fusion(Method.DENSE)) == [0, 1, 2, 3]
    assert places(Fusion(Method.BM25)) == [1, 3, 2, 0]


@pytest.mark.parametrize("method", [Method.WEIGHTED, Method.MIN_MAX, Method.DBSF, Method.RRF])
def test_the_weight_goes_from_one_figure_to_the_other(method: Method) -> None:
    assert places(Fusion(method, 1.0, k=60)) == [0, 1, 2, 3]
    assert places(Fusion(method, 0.0, k=60))[0] == 1
    assert places(Fusion(method, 0.5, k=60))[0] == 1


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("size", [0, 1, 5])
def test_equal_figures_leave_the_order(method: Method, size: int) -> None:
    same = np.full(size, 0.3)
    values = fused(Fusion(method, 0.5, k=1), same, same)
    assert len(values) == size
    assert np.isfinite(values).all()
    if method is not Method.RRF:
        assert np.argsort(-values, kind="stable").tolist() == list(range(size))


def test_a_high_k_makes_ranks_count_alike() -> None:
    # First and last against second and third: sharp ranks prefer the first place, flat ones the balance.
    cosines, shares = np.array([0.9, 0.8, 0.2, 0.1]), np.array([0.1, 0.4, 0.5, 0.6])
    sharp, flat = (fused(Fusion(Method.RRF, 0.5, k=k), cosines, shares) for k in (1, 60))
    assert sharp[0] > sharp[1]
    assert flat[0] == pytest.approx(flat[1], abs=0.02)


def test_another_order_keeps_the_scores_of_the_default() -> None:
    default, wanted = np.array([0.2, 0.7, 0.5]), np.array([3.0, 1.0, 2.0])
    order, scores = ordered(default, wanted)
    assert order.tolist() == [0, 2, 1]
    assert scores.tolist() == [0.7, 0.5, 0.2]
    assert ordered(default, None)[0].tolist() == [1, 2, 0]
