"""Runs one evaluation: `python -m ai_service.adapters.local.classifier.evaluation_job FOLDER ENCODER`.

It has a process of its own. Reads `job.json` from the folder and writes `report.json` and `reliability.png`. Its
output reports the progress.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from model_kit.encoder import Encoder, OnnxEncoder

from ai_service.adapters.child_process import end_with_parent, one_thread, report_step
from ai_service.adapters.local.classifier import chart
from ai_service.adapters.local.classifier.caching_encoder import CachingEncoder
from ai_service.adapters.local.classifier.cross_validation import TrainTestSplit, cross_validation, random_samples
from ai_service.adapters.local.classifier.evaluation import Evaluation, RecordedAnswer, evaluate, measure
from ai_service.adapters.local.classifier.examples import Example, LabelInfo, unique
from ai_service.adapters.local.classifier.head import CODE_VERSION, Classification, Head
from ai_service.adapters.local.classifier.near_duplicates import has_near_duplicate
from ai_service.adapters.local.classifier.training import TrainingFailed, train
from ai_service.adapters.local.classifier.tuning import TuningFailed, tune
from ai_service.adapters.local.classifier.zero_shot import zero_shot_classifier

SHOWN = ("accuracy", "macro_f1", "accepted", "precision")
BEGIN = datetime(2000, 1, 1, tzinfo=UTC)


class Clock:
    """Measures the CPU-seconds of this process and of the child processes that it waited for."""

    def __init__(self) -> None:
        self._at = self._now()

    def spent(self) -> float:
        """Return the seconds since the last call."""
        before, self._at = self._at, self._now()
        return self._at - before

    def _now(self) -> float:
        return sum(os.times()[:4])


def run(folder: Path, encoder: Encoder) -> dict[str, Any]:
    """Run the evaluation that the folder's `job.json` describes; return the report and write it to the folder."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    plan, material = job["plan"], job["material"]
    labels = _labels(material)
    names = [each.name for each in labels]
    test_rows = [_example(number, row) for number, row in enumerate(material["test"])]
    rows = [_example(number, row) for number, row in enumerate(material["rows"])]
    examples, test = unique(rows, names), test_rows if material["predictions"] else unique(test_rows, names)
    encoder_cache, clock = CachingEncoder(encoder), Clock()
    encoder_cache.prefetch(
        [each.text for each in (*examples, *test)], lambda done, most: report_step(f"reading text {done} of {most}")
    )
    encoder_cache.embed([each.text for each in labels])
    reading = clock.spent()
    measured = test or examples
    report: dict[str, Any] = {
        "texts": len(examples) + len(test),
        "duplicates": len(rows) + len(test_rows) - len(examples) - len(test),
        "labels": len(names),
        "commonest": max(_count(measured).values()) / len(measured),
        "encoder": encoder.name,
        "code_version": CODE_VERSION,
    }
    number = plan["draws"] if plan["per_label"] else 1
    rounds = (
        random_samples(examples, test, plan["draws"], per_label=plan["per_label"])
        if test
        else cross_validation(examples, plan["folds"], per_label=plan["per_label"])
    )
    # A backtest measures the recorded answers even if there is nothing to train on.
    checked = rounds if material["predictions"] else _checked(rounds)
    trained = _trained(checked, number if test else plan["folds"], labels, encoder_cache, plan, folder, clock)
    report |= trained
    report_step("evaluating the zero-shot classifier")
    report["zero_shot"] = evaluate(zero_shot_classifier(labels, encoder_cache), measured, encoder_cache).to_json()
    report |= _recorded(material, test)
    report["cost"]["reading_cpu_seconds"] = round(reading, 3)
    report["cost"]["cpu_ms_per_text"] = round(
        1e3
        * (reading / report["texts"] + report["cost"]["classifying_cpu_seconds"] / max(report["cost"]["judged"], 1)),
        3,
    )
    report_step("drawing")
    (folder / "reliability.png").write_bytes(chart.draw(report, plan["precision"]))
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    return report


def _trained(
    rounds: Iterator[TrainTestSplit], number: int, labels: Sequence[LabelInfo], encoder: Encoder, plan: dict[str, Any],
    folder: Path, clock: Clock,
) -> dict[str, Any]:  # fmt: skip
    """Train and classify split by split; measure all answers together."""
    answers: list[tuple[str, Classification]] = []
    apart: list[tuple[str, Classification]] = []
    without_tuning: list[tuple[str, Classification]] = []
    split_reports: list[dict[str, Any]] = []
    learning = judging = 0.0
    try:
        for place, each in enumerate(rounds, 1):
            report_step(f"round {place} of {number}")
            head = train(each.learn, labels, encoder, target_precision=plan["precision"])
            tuning_report: dict[str, Any] = {}
            if plan.get("fine_tune"):
                learning += clock.spent()
                without_tuning += _judge(head, each, encoder)
                clock.spent()
                head, tuning_report = _tuned(head, each, labels, encoder, folder, plan, number)
            learning += clock.spent()
            found = _judge(head, each, encoder)
            judging += clock.spent()
            answers += found
            repeated = _near_duplicates(each, encoder)
            apart += [one for one, near in zip(found, repeated, strict=True) if not near]
            figures = measure(found)
            shown = {name: figures.to_json()[name] for name in SHOWN}
            split_reports.append(
                {"trained_on": len(each.learn), "tested_on": figures.examples, **shown, **tuning_report}
            )
    except (TrainingFailed, TuningFailed) as reason:
        nothing: dict[str, Any] = {
            "trained": None,
            "apart": None,
            "near_duplicates": 0,
            "without_tuning": None,
            "rounds": [],
            "cost": _cost(0.0, 0.0, 0),
        }
        return nothing | {"reason": str(reason)}
    return {
        "trained": measure(answers).to_json(),
        "apart": measure(apart).to_json() if apart else None,
        "near_duplicates": len(answers) - len(apart),
        "without_tuning": measure(without_tuning).to_json() if without_tuning else None,
        "reason": "",
        "rounds": split_reports,
        "cost": _cost(learning, judging, len(answers)),
    }


def _checked(rounds: Iterator[TrainTestSplit]) -> Iterator[TrainTestSplit]:
    """Yield the splits. Raises TrainingFailed at one with nothing to train on, or nothing to test on."""
    for each in rounds:
        if not each.test or not each.learn:
            texts = len(each.learn) + len(each.test)
            raise TrainingFailed(f"too few different texts: {texts}, which leaves a round without any")
        if len({one.label for one in each.learn}) < 2:
            raise TrainingFailed("too few different texts of some labels: one round has only one label to learn from")
        yield each


def _near_duplicates(each: TrainTestSplit, encoder: Encoder) -> list[bool]:
    """Return which tested texts are near duplicates of training texts, whose answers a head has seen."""
    tested, trained_on = (encoder.embed([one.text for one in part]) for part in (each.test, each.learn))
    return [bool(near) for near in has_near_duplicate(tested, trained_on)]


def _judge(head: Head, each: TrainTestSplit, encoder: Encoder) -> list[tuple[str, Classification]]:
    texts = [one.text for one in each.test]
    return list(zip((one.label for one in each.test), head.classify(texts, encoder.embed(texts)), strict=True))


def _tuned(
    head: Head, each: TrainTestSplit, labels: Sequence[LabelInfo], encoder: Encoder, folder: Path, plan: dict[str, Any],
    rounds: int,
) -> tuple[Head, dict[str, Any]]:  # fmt: skip
    """Return a head with an encoder tuned for it, and the report on that; the splits share the time equally."""
    seconds = plan["fine_tune_seconds"] / rounds
    tuned, reader, report = tune(head, each.learn, labels, encoder, folder, seconds, target_precision=plan["precision"])
    return tuned.with_encoder(reader), {"tuning": report}


def _recorded(material: dict[str, Any], test: Sequence[Example]) -> dict[str, Any]:
    """Measure the answers recorded when the tickets arrived: of all, and of those that a person decided."""
    if not material["predictions"]:
        return {"recorded": None, "recorded_by_people": None}
    answers = [
        (each.label, RecordedAnswer(label, confidence, "" if accepted else "a person was asked"))
        for each, (label, confidence, accepted) in zip(test, material["predictions"], strict=True)
    ]
    by_people = [each for each, person in zip(answers, material["by_people"], strict=True) if person]
    return {"recorded": _figures(answers), "recorded_by_people": _figures(by_people)}


def _figures(answers: Sequence[tuple[str, RecordedAnswer]]) -> dict[str, Any] | None:
    measured: Evaluation | None = measure(answers) if answers else None
    return measured.to_json() if measured else None


def _cost(learning: float, judging: float, judged: int) -> dict[str, Any]:
    # Everything runs on this machine, so no tokens are paid for.
    return {
        "training_cpu_seconds": round(learning, 3),
        "classifying_cpu_seconds": round(judging, 3),
        "judged": judged,
        "tokens": 0,
        "usd": 0.0,
    }


def _labels(material: dict[str, Any]) -> list[LabelInfo]:
    described = material["labels"] or {}
    names = {label for _, label in (*material["rows"], *material["test"])} | set(described)
    return [LabelInfo(name, described.get(name, "")) for name in sorted(names)]


def _example(number: int, row: Sequence[str]) -> Example:
    return Example(str(number), row[0], row[1], BEGIN + timedelta(seconds=number))


def _count(examples: Sequence[Example]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in examples:
        counts[each.label] = counts.get(each.label, 0) + 1
    return counts


def main() -> None:
    """Run the job of the folder given on the command line."""
    folder, encoder = (Path(each) for each in sys.argv[1:3])
    end_with_parent()
    with one_thread():
        run(folder, OnnxEncoder(encoder))


if __name__ == "__main__":
    main()
