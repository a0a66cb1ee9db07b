"""The packaged encoder that was taught which sentence answers."""

import numpy as np
import pytest
from model_kit.encoder import DIMENSIONS
from model_kit.model_store import read_manifest
from rag_service.adapters.answer_encoder import FOLDER, NAME, answer_encoder, scores


def test_the_packaged_files_are_those_of_their_manifest() -> None:
    assert read_manifest(FOLDER).model == NAME


def test_a_process_has_one_and_it_is_ready_without_a_download() -> None:
    encoder = answer_encoder()
    assert encoder is answer_encoder()
    assert encoder.ready()
    assert encoder.embed(["May I bring my dog?"]).shape == (1, DIMENSIONS)


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("can i bring my dog", "Animals stay outside.", "The bar opens at noon."),
        ("when do I see my money again", "Refunds reach your card within five days.", "Cash and cards are accepted."),
        ("how late can I turn up", "The last entry is one hour before closing.", "You can turn in your key here."),
        ("is it ok to wear shorts", "Trousers must cover the knee.", "Shirts are washed weekly."),
    ],
)
def test_a_text_that_answers_in_other_words_scores_above_another(question: str, answer: str, other: str) -> None:
    encoder = answer_encoder()
    assert encoder.ready()
    first, second = scores(encoder.embed)(question, [answer, other]).tolist()
    assert first > second


def test_scores_keep_the_order_of_the_texts() -> None:
    rows = {"q": [1.0, 0.0], "near": [0.8, 0.6], "far": [0.0, 1.0]}
    found = scores(lambda texts: np.array([rows[each] for each in texts]))("q", ["far", "near", "q"])
    assert found.tolist() == [0.0, 0.8, 1.0]
