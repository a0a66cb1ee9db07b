"""Which fusion is chosen on a company's questions, and what it brings."""

import numpy as np
import pytest
from rag_service.domain import tuning
from rag_service.domain.fusion import Fusion, Method
from rag_service.domain.tuning import Candidate, Case, choose, groups_of, interval, ranking


def candidate(name: str, cosine: float, share: float) -> Candidate:
    return Candidate(name, name, cosine, share, 0.58 * cosine + 0.42 * share)


def case(group: int, *, words_know: bool, cosine_knows: bool = False) -> Case:
    """A question whose right passage one of the two figures puts first, and the other puts last."""
    right = candidate("right", 0.7 if cosine_knows else 0.1, 0.9 if words_know else 0.0)
    wrong = [
        candidate(f"wrong {each}", 0.1 if cosine_knows else 0.8 - each / 100, 0.0 if words_know else 0.5)
        for each in range(6)
    ]
    return Case(group, frozenset({"right"}), (*wrong, right))


def test_where_words_know_best_they_are_weighed_more_and_the_gain_is_sure() -> None:
    choice = choose([case(number, words_know=True) for number in range(20)])
    assert choice.fusion is not None
    assert choice.is_sure
    assert choice.after.ndcg == 1 > choice.before.ndcg
    assert choice.gain == pytest.approx(choice.after.ndcg - choice.before.ndcg)
    assert 0 < choice.low <= choice.gain <= choice.high
    assert [ndcg for _, ndcg in choice.compared] == sorted((ndcg for _, ndcg in choice.compared), reverse=True)
    assert len(choice.compared) == len(tuning.FUSIONS) + 1


def test_where_the_default_is_best_it_stays() -> None:
    choice = choose([case(number, words_know=True, cosine_knows=True) for number in range(20)])
    assert choice.fusion is None
    assert (choice.gain, choice.low, choice.high) == (0, 0, 0)
    assert not choice.is_sure


def test_what_helps_one_document_alone_is_no_sure_gain() -> None:
    """All of its questions are in one fold, so no fold can choose for it."""
    special = [case(0, words_know=True) for _ in range(8)]
    usual = [case(1 + number, words_know=True, cosine_knows=True) for number in range(12)]
    choice = choose(special + usual)
    assert not choice.is_sure


def test_chance_is_rarely_taken_for_a_gain() -> None:
    random = np.random.default_rng(3)
    sure = 0
    for _ in range(10):
        cases = []
        for group in range(30):
            found = [candidate(str(place), *random.random(2)) for place in range(15)]
            cases.append(Case(group, frozenset({str(random.integers(15))}), tuple(found)))
        sure += choose(cases).is_sure
    assert sure <= 2


def test_a_question_without_candidates_counts_as_not_found() -> None:
    choice = choose([Case(number, frozenset({"x"}), ()) for number in range(6)])
    assert choice.before.ndcg == 0
    assert choice.fusion is None


def test_questions_about_the_same_documents_are_one_group() -> None:
    assert groups_of([["a"], ["b"], ["a", "c"], ["c"], ["d"]]) == [0, 1, 0, 0, 2]
    assert groups_of([["a"], ["b"], ["b", "a"]]) == [0, 0, 0]
    assert groups_of([[str(each), str(each + 1)] for each in range(5_000)]) == [0] * 5_000


def test_no_group_is_in_two_folds_and_folds_are_of_like_size() -> None:
    groups = np.array([0] * 10 + [1] * 7 + list(range(2, 30)))
    folds = tuning._folds(groups)
    for group in set(groups.tolist()):
        assert len(set(folds[groups == group].tolist())) == 1
    assert max(np.bincount(folds)) <= 10
    with pytest.raises(ValueError, match="4 groups"):
        tuning._folds(np.array([0, 1, 2, 3, 3, 3]))


def test_the_interval_is_wider_if_questions_come_in_groups() -> None:
    values = np.repeat(np.random.default_rng(1).normal(size=20), 10)
    apart = interval(values, np.arange(200))
    together = interval(values, np.repeat(np.arange(20), 10))
    assert together[1] - together[0] > 2 * (apart[1] - apart[0])


def test_the_ranking_is_the_one_that_a_search_shows() -> None:
    found = [Candidate("long", f"long {each}", 0.9 - each / 1000, 0.5, 0.7 - each / 1000) for each in range(20)] + [
        Candidate("other", "other", 0.6, 0.5, 0.6)
    ]
    # A document's further passages count less, so the other document is shown.
    assert ranking(found, None)[:2] == ["long 0", "long 1"]
    assert "other" in ranking(found, None)
    assert ranking(found, Fusion(Method.DENSE), k=1) == ["long 0"]
