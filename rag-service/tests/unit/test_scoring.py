"""Scores are comparable between questions."""

from math import log

import pytest
from rag_service.domain.scoring import cosine_weight, idf_of_unseen_term, max_bm25, score, share


def test_a_passage_that_means_and_says_the_same_scores_one() -> None:
    assert score(1.0, share(22.0, most=22.0), weight=0.6) == pytest.approx(1)


def test_nothing_in_common_scores_zero_and_never_less() -> None:
    assert score(-0.2, share(0.0, most=22.0), weight=0.6) == 0


def test_meaning_and_words_add_up_by_their_weights() -> None:
    assert score(0.5, share(11.0, most=22.0), weight=0.6) == pytest.approx(0.6 * 0.5 + 0.4 * 0.5)


def test_without_one_of_the_two_the_other_decides_alone() -> None:
    assert score(None, share(11.0, most=22.0), weight=0.6) == pytest.approx(0.5)
    assert score(0.7, None, weight=0.6) == pytest.approx(0.7)
    assert score(None, None, weight=0.6) == 0


def test_words_no_passage_has_count_as_the_rarest() -> None:
    rarity = {1: 2.0, 2: 3.0}
    assert max_bm25([1, 2], rarity, passages=100, strongest=2.2) == pytest.approx(2.2 * 5)
    assert max_bm25([1, 9], rarity, passages=100, strongest=2.2) == pytest.approx(2.2 * (2 + idf_of_unseen_term(100)))
    assert max_bm25([1], rarity, 100, 2.2, optional=[2, 9]) == pytest.approx(2.2 * 5)
    assert idf_of_unseen_term(100) == pytest.approx(log(202))


def test_the_cosine_weighs_less_in_languages_other_than_english() -> None:
    for terms in (0, 5, 40):
        assert cosine_weight("german", terms) < cosine_weight("english", terms) == cosine_weight(None, terms)


def test_the_more_terms_a_question_has_the_more_they_weigh() -> None:
    weights = [cosine_weight(None, terms) for terms in range(60)]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == weights[4] > weights[7] > weights[10] == weights[59] > 0.3


def test_an_identifier_weighs_more_than_what_a_short_question_means() -> None:
    assert cosine_weight(None, 2, identifies=True) == cosine_weight(None, 20) < cosine_weight(None, 2)
    assert cosine_weight("german", 2, identifies=True) == cosine_weight("german", 2)


def test_in_other_languages_an_unseen_word_counts_as_the_rarest_that_is_seen() -> None:
    rarity = {1: 0.3, 2: 0.5}
    assert max_bm25([1, 2, 9], rarity, 1, 2.2, is_english=False) == pytest.approx(2.2 * 1.3)
    assert max_bm25([1, 2, 9], rarity, 1, 2.2) == pytest.approx(2.2 * (0.8 + idf_of_unseen_term(1)))
    # Where nothing is seen, or what is seen is rarer, nothing changes.
    assert max_bm25([8, 9], rarity, 1, 2.2, is_english=False) == max_bm25([8, 9], rarity, 1, 2.2)
    assert max_bm25([3, 9], {3: 9.0}, 5, 2.2, is_english=False) == max_bm25([3, 9], {3: 9.0}, 5, 2.2)
