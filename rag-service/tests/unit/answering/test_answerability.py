"""Whether passages answer: the features and the model."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_service.domain.answering.answerability import (
    Cosines,
    Model,
    cosine_features,
    probability,
    threshold,
    word_features,
)

from .passages import HANDBOOK, HOURS, by_words, passage

NEAR = Cosines(0.8, 0.5, ((0.85, 0.4), (0.3, 0.4)))
FAR = Cosines(0.1, 0.1, ((0.1, 0.4), (0.05, 0.4)))
QUESTION, TITLE = "How do I renew the VPN profile?", "VPN"
SAYS = ["The VPN profile is renewed every 90 days."]


def test_a_near_passage_answers_and_a_far_one_does_not() -> None:
    assert probability(QUESTION, TITLE, SAYS, NEAR) >= threshold(encoder=True)
    assert probability(QUESTION, TITLE, ["Toner is in the cellar."], FAR) < threshold(encoder=True)


def test_without_an_encoder_the_words_decide() -> None:
    assert probability(QUESTION, TITLE, SAYS, None) >= threshold(encoder=False)
    assert probability(QUESTION, "Printers", ["Toner is in the cellar."], None) < threshold(encoder=False)


def test_a_passage_of_which_nothing_may_be_quoted_answers_nothing() -> None:
    assert probability(QUESTION, TITLE, [], NEAR) == 0.0


def test_the_titles_words_in_a_passage_do_not_count() -> None:
    whole, beyond, best, _ = word_features("VPN profile renewal", "VPN", ["The VPN is good.", "Profile."])
    assert whole == pytest.approx(2 / 3)
    assert (beyond, best) == (0.5, 0.5)


def test_a_sentence_is_compared_beyond_what_the_title_says() -> None:
    beside = cosine_features(Cosines(0.6, 0.6, ((0.36, 0.6),)))[3]
    beyond = cosine_features(Cosines(0.6, 0.6, ((0.9, 0.6),)))[3]
    assert beside == pytest.approx(0.0)
    assert beyond > 0.8


COSINE = st.floats(-1, 1)


@settings(deadline=None)
@given(COSINE, COSINE, st.lists(st.tuples(COSINE, COSINE), min_size=1, max_size=5), st.text(max_size=40))
def test_it_is_a_probability_whatever_the_encoder_says(
    passage_: float, title: float, each: list[tuple[float, float]], question: str
) -> None:
    assert 0 <= probability(question, "T", ["a"] * len(each), Cosines(passage_, title, tuple(each))) <= 1


def test_a_value_far_out_moves_the_model_no_further_than_four_spreads() -> None:
    model = Model((0.0,), (1.0,), (1.0,), 0.0)
    assert model.probability([1e9]) == model.probability([4.0]) > 0.98


def test_passages_come_back_with_the_likeliest_first() -> None:
    from rag_service.usecases.assess_passages import assess

    hours, handbook = passage(HOURS, "hours.md"), passage(HANDBOOK)
    for embed in (by_words, None):
        found = assess("When is the help desk open?", [handbook, hours], embed)
        assert [each.passage for each in found] == [hours, handbook]
