"""An evaluation from its input to its report and picture."""

import json
from pathlib import Path
from typing import Any

import pytest
from ai_service.adapters.local.classifier import evaluation_job
from ai_service.domain.evaluation import EvaluationData, EvaluationPlan

from .word_encoder import WordEncoder, tickets

PNG = b"\x89PNG\r\n\x1a\n"


def evaluated(folder: Path, material: EvaluationData, plan: EvaluationPlan) -> dict[str, Any]:
    (folder / "job.json").write_text(json.dumps({"plan": plan.to_json(), "material": material.to_json()}))
    return evaluation_job.run(folder, WordEncoder())


def rows(number: int, **more: Any) -> list[tuple[str, str]]:
    return [(each.text, each.label) for each in tickets(number, **more)]


def test_a_file_is_measured_by_cross_validation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = evaluated(tmp_path, EvaluationData([*rows(240), *rows(240)]), EvaluationPlan(folds=3))
    assert (report["texts"], report["duplicates"], report["labels"]) == (240, 240, 3)
    assert report["trained"]["examples"] == 240
    assert report["trained"]["accuracy"] > 0.95
    assert [each["tested_on"] for each in report["rounds"]] == [80, 80, 80]
    assert report["cost"]["usd"] == 0
    assert report["cost"]["training_cpu_seconds"] > 0
    assert (tmp_path / "reliability.png").read_bytes().startswith(PNG)
    assert json.loads((tmp_path / "report.json").read_text()) == json.loads(json.dumps(report))
    assert "round 2 of 3" in capsys.readouterr().out


def test_near_duplicates_of_learnt_texts_are_counted_and_measured_apart(tmp_path: Path) -> None:
    template = "the laptop lost its vpn password again and the login screen shows an error, case number"
    repeated = [(f"{template} {place}", "IT") for place in range(60)]
    report = evaluated(tmp_path, EvaluationData([*rows(120), *repeated]), EvaluationPlan(folds=3))
    assert (report["trained"]["examples"], report["apart"]["examples"], report["near_duplicates"]) == (180, 120, 60)
    others = [
        (f"the invoice of the vendor needs a refund from the travel budget, case {n}", "Money") for n in range(60)
    ]
    alone = evaluated(tmp_path, EvaluationData([*repeated, *others]), EvaluationPlan(folds=3))
    assert (alone["trained"]["accuracy"], alone["apart"], alone["near_duplicates"]) == (1.0, None, 120)


def test_labels_that_nothing_tells_apart_are_never_accepted(tmp_path: Path) -> None:
    report = evaluated(tmp_path, EvaluationData(rows(300, noise=1.0)), EvaluationPlan(folds=3))
    assert report["trained"]["accuracy"] < 0.5
    assert report["trained"]["accepted"] == 0


@pytest.mark.parametrize("different", [1, 2, 3, 4])
def test_too_few_different_texts_are_a_reason_and_no_failure(tmp_path: Path, different: int) -> None:
    few = rows(different, words={"IT": ["vpn", "wifi", "mail"], "House": ["lift", "door", "key"]})
    report = evaluated(tmp_path, EvaluationData(few * 20), EvaluationPlan())
    assert (report["trained"], report["texts"]) == (None, different)
    assert "too few different texts" in report["reason"]


def test_a_file_that_is_tested_on_itself_leaves_nothing_to_learn_from(tmp_path: Path) -> None:
    report = evaluated(tmp_path, EvaluationData(rows(40), rows(40)), EvaluationPlan())
    assert "too few different texts" in report["reason"]


def test_a_second_file_is_tested_on_alone(tmp_path: Path) -> None:
    report = evaluated(tmp_path, EvaluationData(rows(200), rows(90, seed=9)), EvaluationPlan(per_label=5, draws=3))
    assert [each["trained_on"] for each in report["rounds"]] == [15, 15, 15]
    assert report["trained"]["examples"] == 270


def test_a_backtest_measures_the_recorded_answers(tmp_path: Path) -> None:
    test = rows(40, seed=9)
    said = [(label if place % 4 else "House", 0.8, place % 2 == 0) for place, (_, label) in enumerate(test)]
    material = EvaluationData(
        rows(100), test, {"IT": "laptops"}, by_people=[place < 10 for place in range(40)], predictions=said
    )
    report = evaluated(tmp_path, material, EvaluationPlan())
    right = sum(label == said_label for (_, label), (said_label, _, _) in zip(test, said, strict=True))
    assert report["recorded"]["accuracy"] == right / 40
    assert report["recorded"]["accepted"] == 0.5
    assert report["recorded_by_people"]["examples"] == 10
    assert report["trained"]["accuracy"] > 0.9


def test_a_backtest_without_older_labels_still_measures_the_recorded_answers(tmp_path: Path) -> None:
    test = rows(30)
    material = EvaluationData([], test, by_people=[True] * 30, predictions=[("IT", 0.5, True)] * 30)
    report = evaluated(tmp_path, material, EvaluationPlan())
    assert report["trained"] is None
    assert "fewer than two labels" in report["reason"]
    assert report["recorded"]["examples"] == 30
    assert (tmp_path / "reliability.png").read_bytes().startswith(PNG)
