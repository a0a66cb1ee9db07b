"""A head gets an encoder of its own if that is the better one, and goes on without where there is none."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_service.adapters.local.classifier import tuning
from ai_service.adapters.local.classifier.evaluation import evaluate
from ai_service.adapters.local.classifier.examples import split
from ai_service.adapters.local.classifier.head import Head
from ai_service.adapters.local.classifier.storage import pack, unpack
from ai_service.adapters.local.classifier.training import train
from ai_service.adapters.local.classifier.tuning import TuningResult, tune_if_better
from ai_service.domain.training import FineTuning
from model_kit.encoder import DIMENSIONS, Encoder, OnnxEncoder, Vectors

from .word_encoder import LABELS, WordEncoder, tickets

pytestmark = pytest.mark.timeout(900)  # PyTorch in a process of its own

PARTS = split(tickets(600))


class Blind:
    """An encoder to which no text resembles another, so that whatever is known of meaning was tuned."""

    name = "blind-000000000000"
    dimensions = DIMENSIONS

    def embed(self, texts: list[str]) -> Vectors:
        """Return a direction per text that says nothing about it."""
        rows = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:] = np.random.default_rng(list(text.encode())).standard_normal(DIMENSIONS)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Blind()  # type: ignore[return-value]


@pytest.fixture(scope="module")
def head(encoder: Encoder) -> Head:
    made = train(PARTS.learn, LABELS, encoder)
    # It can't read words, either: as it is, it guesses.
    return replace(made, general=replace(made.general, weights=np.array([0.0, 1.0, 1.0], np.float32)))


@pytest.fixture(scope="module")
def made(
    head: Head, encoder: Encoder, small_weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, Path]:
    folder = tmp_path_factory.mktemp("job")
    before = TuningResult(head, {}, evaluate(head, PARTS.held_out, encoder))
    return tune_if_better(
        before, PARTS, LABELS, encoder, folder, 120.0, target_precision=0.9, weights=small_weights
    ), folder


def test_a_tuned_encoder_is_used_where_it_finds_more(
    made: tuple[TuningResult, Path], head: Head, encoder: Encoder
) -> None:
    outcome, folder = made
    assert outcome.report["state"] == "used", outcome.report
    assert outcome.report["with"]["macro_f1"] > outcome.report["without"]["macro_f1"]
    assert (outcome.report["trained_on"], outcome.report["calibrated_on"]) == (432, 48)
    assert outcome.head.version.startswith(f"{head.version}-t")
    reader = OnnxEncoder(folder / "tuned")
    assert evaluate(outcome.head.with_encoder(reader), PARTS.held_out, encoder) == outcome.figures


def test_it_survives_storage_and_judges_without_its_encoder_as_before(
    made: tuple[TuningResult, Path], head: Head, encoder: Encoder
) -> None:
    outcome, folder = made
    back = unpack(pack(outcome.head))
    reader = OnnxEncoder(folder / "tuned")
    texts = [each.text for each in PARTS.held_out]
    rows = encoder.embed(texts)
    answers = [each.label for each in outcome.head.with_encoder(reader).classify(texts, rows)]
    assert [each.label for each in back.with_encoder(reader).classify(texts, rows)] == answers
    without = [each.label for each in head.classify(texts, rows)]
    assert [each.label for each in back.classify(texts, rows)] == without
    assert answers != without
    with pytest.raises(ValueError, match="with_encoder"):
        pack(back.with_encoder(reader))


def test_one_that_finds_no_more_is_dropped(made: tuple[TuningResult, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, folder = made
    reader = OnnxEncoder(folder / "tuned")
    monkeypatch.setattr(tuning, "tune", lambda *_, **__: (outcome.head, reader, {}))
    perfect = WordEncoder(DIMENSIONS)
    good = train(PARTS.learn, LABELS, perfect)
    before = TuningResult(good, {}, evaluate(good, PARTS.held_out, perfect))
    after = tune_if_better(before, PARTS, LABELS, perfect, folder, 1.0, target_precision=0.9)
    assert after.report["state"] == "dropped"
    assert "no more" in after.report["reason"]
    assert (after.head, after.figures) == (good, before.figures)


def test_without_torch_a_training_goes_on_and_says_so(
    tmp_path: Path, head: Head, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "missing", lambda: ["torch"])
    before = TuningResult(head, {}, evaluate(head, PARTS.held_out, encoder))
    after = tune_if_better(before, PARTS, LABELS, encoder, tmp_path, 9.0, target_precision=0.9)
    assert after.head is head
    assert after.report == {"state": "skipped", "reason": "torch not installed; model-kit's extra `train` has it"}


def test_a_process_that_breaks_costs_the_training_nothing(tmp_path: Path, head: Head, encoder: Encoder) -> None:
    before = TuningResult(head, {}, evaluate(head, PARTS.held_out, encoder))
    after = tune_if_better(
        before, PARTS, LABELS, encoder, tmp_path, 9.0, target_precision=0.9, weights=tmp_path / "nothing"
    )
    assert after.head is head
    assert "the process ended with 1" in after.report["reason"]
    assert json.dumps(after.report)


def test_it_begins_at_a_number_of_labels_or_never() -> None:
    assert FineTuning(5_000, 1.0).is_due(5_000)
    assert not FineTuning(5_000, 1.0).is_due(4_999)
    assert not FineTuning(0, 1.0).is_due(1_000_000)
    assert "5000" in FineTuning(5_000, 1.0).skip_reason
    assert "off" in FineTuning(0, 1.0).skip_reason
