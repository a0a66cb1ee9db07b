"""LocalScores of a head, and who may replace whom."""

from dataclasses import replace

import orjson
import pytest
from ai_service.adapters.local.classifier.evaluation import Evaluation, check_promotion, evaluate
from ai_service.adapters.local.classifier.examples import split
from ai_service.adapters.local.classifier.training import train

from .word_encoder import LABELS, WordEncoder, tickets

ENCODER = WordEncoder()
PARTS = split(tickets(200))


@pytest.fixture(scope="module")
def measured() -> Evaluation:
    return evaluate(train(PARTS.learn, LABELS, ENCODER), PARTS.held_out, ENCODER)


def test_its_figures_agree_with_each_other(measured: Evaluation) -> None:
    assert measured.examples == len(PARTS.held_out) == sum(measured.support.values())
    right = sum(row.get(label, 0) for label, row in measured.confusion.items())
    assert measured.accuracy == pytest.approx(right / measured.examples)
    assert measured.coverage[-1] == (1.0, pytest.approx(measured.accuracy))
    assert orjson.loads(orjson.dumps(measured.to_json()))["support"] == measured.support


def test_the_first_head_may_serve_and_a_better_one_may_follow(measured: Evaluation) -> None:
    assert check_promotion(measured, None).ok
    assert check_promotion(measured, replace(measured, macro_f1=measured.macro_f1 - 0.1)).ok


def test_a_worse_one_may_not(measured: Evaluation) -> None:
    worse = check_promotion(replace(measured, macro_f1=measured.macro_f1 - 0.006), measured)
    assert not worse.ok
    assert "macro-F1" in worse.reasons[0]
    assert check_promotion(replace(measured, macro_f1=measured.macro_f1 - 0.004), measured).ok


def test_nor_one_whose_confidence_means_nothing(measured: Evaluation) -> None:
    off = replace(measured, calibration_error=0.04)
    assert check_promotion(off, None).ok  # on 40 tickets that is noise
    assert not check_promotion(replace(off, examples=500), None).ok


def test_nor_one_that_forgot_a_label(measured: Evaluation) -> None:
    label = max(measured.support, key=lambda name: measured.support[name])
    forgetful = replace(measured, recall=measured.recall | {label: 0.1})
    assert measured.support[label] >= 10
    assert label in check_promotion(forgetful, measured).reasons[0]
