"""No text is in both the training set and the test set of a split."""

from collections import Counter

import pytest
from ai_service.adapters.local.classifier.cross_validation import cross_validation, random_samples
from hypothesis import given
from hypothesis import strategies as st

from .word_encoder import tickets


@given(st.integers(20, 60), st.integers(2, 10))
def test_every_text_is_tested_once_and_never_learnt_from_then(number: int, folds: int) -> None:
    all_examples = tickets(number)
    rounds = list(cross_validation(all_examples, folds))
    assert Counter(each.subject for one in rounds for each in one.test) == Counter(
        each.subject for each in all_examples
    )
    for one in rounds:
        assert not {each.subject for each in one.learn} & {each.subject for each in one.test}
        assert len(one.learn) + len(one.test) == number


def test_each_label_is_spread_over_all_rounds() -> None:
    for one in cross_validation(tickets(300), 5):
        assert min(Counter(each.label for each in one.test).values()) >= 12


def test_a_text_that_is_tested_on_is_not_learnt_from_as_a_duplicate() -> None:
    all_examples = tickets(60)
    [one] = random_samples(all_examples, all_examples[:10], 5)
    assert len(one.learn) == 50
    assert one.test == tuple(all_examples[:10])


@pytest.mark.parametrize("number", [1, 3])
def test_each_split_draws_other_examples(number: int) -> None:
    rounds = list(random_samples(tickets(200), tickets(20, seed=9), number, per_label=4))
    assert [Counter(each.label for each in one.learn) for one in rounds] == [{"IT": 4, "Money": 4, "House": 4}] * number
    assert len({tuple(sorted(each.subject for each in one.learn)) for one in rounds}) == number
