"""The encoder learns to tell labels apart, in the time it has."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
from model_kit.encoder import DIMENSIONS, OnnxEncoder
from model_kit.tuning import Tuned, tune

WORDS = (("laptop", "printer", "password", "screen"), ("invoice", "salary", "refund", "budget"))
PATIENCE = 300.0
"""Seconds in which a busy machine learns what a quiet one learns in two."""
NOTHING = np.zeros((2, DIMENSIONS), np.float32), np.zeros(2, np.float32)


def texts(number: int, *, seed: int = 0) -> tuple[list[str], list[int]]:
    random = Random(seed)
    places = [place % 2 for place in range(number)]
    return [f"my {random.choice(WORDS[place])} and the {random.choice(WORDS[place])} today" for place in places], places


def tuned(folder: Path, weights: Path, *, epochs: int = 6, seconds: float = PATIENCE) -> tuple[Tuned, list[str]]:
    lines: list[str] = []
    read, places = texts(256)
    made = tune(read, places, NOTHING, folder, epochs=epochs, seconds=seconds, report=lines.append, weights=weights)
    return made, lines


def test_what_was_tuned_tells_labels_apart_and_serves_without_torch(tmp_path: Path, small_weights: Path) -> None:
    made, lines = tuned(tmp_path / "tuned", small_weights)
    encoder = OnnxEncoder(tmp_path / "tuned")
    read, places = texts(64, seed=1)
    scores = encoder.embed(read) @ made.weights.T + made.bias
    assert (scores.argmax(axis=1) == places).mean() > 0.95
    assert encoder.manifest == made.manifest
    assert made.epochs == 6
    assert "fine-tuning: epoch 2 of 6, batch 1 of 8" in lines


def test_it_ends_when_its_time_is_over_and_what_was_reached_is_taken(tmp_path: Path, small_weights: Path) -> None:
    made, _ = tuned(tmp_path / "tuned", small_weights, epochs=1_000_000, seconds=3)
    assert 0 < made.epochs < 1_000_000
    assert np.isfinite(OnnxEncoder(tmp_path / "tuned").embed(["any text"])).all()


@pytest.mark.parametrize("text", ["", "\ud800", "\x00", "🙂" * 9_000, "x" * 100_000])
def test_hostile_texts_are_learnt_from_like_others(tmp_path: Path, small_weights: Path, text: str) -> None:
    made = tune(
        [text, "other"],
        [0, 1],
        NOTHING,
        tmp_path / "tuned",
        epochs=1,
        seconds=PATIENCE,
        report=print,
        weights=small_weights,
    )
    assert np.isfinite(made.weights).all()


def test_words_of_their_own_stay_as_they_were(small_weights: Path) -> None:
    from model_kit.export import load_model
    from model_kit.tuning import train

    model = load_model(small_weights)
    before = {name: each.detach().clone() for name, each in model.named_parameters()}
    train(
        model, [[101, 7, 102], [101, 8, 102]], [0, 1], NOTHING, "cpu", epochs=3, seconds=PATIENCE, report=print, seed=0
    )
    moved = {name for name, each in model.named_parameters() if not bool((before[name] == each).all())}
    assert "inner.embeddings.word_embeddings.weight" not in moved
    assert any(name.startswith("inner.encoder.layer.0") for name in moved)
