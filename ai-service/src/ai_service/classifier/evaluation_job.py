"""One evaluation in a process of its own: `python -m ai_service.classifier.evaluation_job FOLDER ENCODER`.

Reads `job.json` from the folder, writes `report.json` and `reliability.png`. Its output tells how far it is.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from model_kit.encoder import Encoder, OnnxEncoder

from ai_service.child_process import lower_priority, one_thread, report_step
from ai_service.classifier import chart
from ai_service.classifier.cold import cold_start
from ai_service.classifier.evaluation import Evaluation, Said, evaluate, measure
from ai_service.classifier.examples import Example, LabelInfo, unique
from ai_service.classifier.head import CODE_VERSION, Head, Judgement
from ai_service.classifier.near_duplicates import has_near_duplicate
from ai_service.classifier.remembered import Remembered
from ai_service.classifier.rounds import Round, cross_validation, draws
from ai_service.classifier.training import CantTrain, train
from ai_service.classifier.tuning import CantTune, tune

SHOWN = ("accuracy", "macro_f1", "believed", "precision")
BEGIN = datetime(2000, 1, 1, tzinfo=UTC)


class Clock:
    """The CPU-seconds of this process, and of those it waited for, since it was asked last."""

    def __init__(self) -> None:
        self._at = self._now()

    def spent(self) -> float:
        """Return the seconds since the last call."""
        before, self._at = self._at, self._now()
        return self._at - before

    def _now(self) -> float:
        return sum(os.times()[:4])


def run(folder: Path, encoder: Encoder) -> dict[str, Any]:
    """Evaluate as the folder says; return the report, which is written there too."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    plan, material = job["plan"], job["material"]
    labels = _labels(material)
    names = [each.name for each in labels]
    test_rows = [_example(number, row) for number, row in enumerate(material["test"])]
    rows = [_example(number, row) for number, row in enumerate(material["rows"])]
    examples, test = unique(rows, names), test_rows if material["predictions"] else unique(test_rows, names)
    known, clock = Remembered(encoder), Clock()
    known.read(
        [each.text for each in (*examples, *test)], lambda done, most: report_step(f"reading text {done} of {most}")
    )
    known.embed([each.text for each in labels])
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
        draws(examples, test, plan["draws"], per_label=plan["per_label"])
        if test
        else cross_validation(examples, plan["folds"], per_label=plan["per_label"])
    )
    # A backtest measures what was said then even where there is nothing to learn from.
    checked = rounds if material["predictions"] else _checked(rounds)
    trained = _trained(checked, number if test else plan["folds"], labels, known, plan, folder, clock)
    report |= trained
    report_step("judging as on the first day")
    report["first_day"] = evaluate(cold_start(labels, known), measured, known).to_json()
    report |= _then(material, test)
    report["cost"]["reading_cpu_seconds"] = round(reading, 3)
    report["cost"]["cpu_ms_per_text"] = round(
        1e3 * (reading / report["texts"] + report["cost"]["judging_cpu_seconds"] / max(report["cost"]["judged"], 1)), 3
    )
    report_step("drawing")
    (folder / "reliability.png").write_bytes(chart.draw(report, plan["precision"]))
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    return report


def _trained(
    rounds: Iterator[Round], number: int, labels: Sequence[LabelInfo], encoder: Encoder, plan: dict[str, Any],
    folder: Path, clock: Clock,
) -> dict[str, Any]:  # fmt: skip
    """Train and judge round by round; measure all answers together."""
    answers: list[tuple[str, Judgement]] = []
    apart: list[tuple[str, Judgement]] = []
    without_tuning: list[tuple[str, Judgement]] = []
    told: list[dict[str, Any]] = []
    learning = judging = 0.0
    try:
        for place, each in enumerate(rounds, 1):
            report_step(f"round {place} of {number}")
            head = train(each.learn, labels, encoder, target_precision=plan["precision"])
            said: dict[str, Any] = {}
            if plan.get("fine_tune"):
                learning += clock.spent()
                without_tuning += _judge(head, each, encoder)
                clock.spent()
                head, said = _tuned(head, each, labels, encoder, folder, plan, number)
            learning += clock.spent()
            found = _judge(head, each, encoder)
            judging += clock.spent()
            answers += found
            repeated = _near_duplicates(each, encoder)
            apart += [one for one, near in zip(found, repeated, strict=True) if not near]
            figures = measure(found)
            shown = {name: getattr(figures, name) for name in SHOWN}
            told.append({"learnt_from": len(each.learn), "tested_on": figures.examples, **shown, **said})
    except (CantTrain, CantTune) as reason:
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
        "rounds": told,
        "cost": _cost(learning, judging, len(answers)),
    }


def _checked(rounds: Iterator[Round]) -> Iterator[Round]:
    """Yield the rounds; raise CantTrain at one that has nothing to learn from, or nothing to measure on."""
    for each in rounds:
        if not each.test or not each.learn:
            texts = len(each.learn) + len(each.test)
            raise CantTrain(f"too few different texts: {texts}, which leaves a round without any")
        if len({one.label for one in each.learn}) < 2:
            raise CantTrain("too few different texts of some labels: one round has only one label to learn from")
        yield each


def _near_duplicates(each: Round, encoder: Encoder) -> list[bool]:
    """Tell which tested texts are near duplicates of learnt ones: of these a head knows the answer beforehand."""
    tested, learnt = (encoder.embed([one.text for one in part]) for part in (each.test, each.learn))
    return [bool(near) for near in has_near_duplicate(tested, learnt)]


def _judge(head: Head, each: Round, encoder: Encoder) -> list[tuple[str, Judgement]]:
    texts = [one.text for one in each.test]
    return list(zip((one.label for one in each.test), head.judge(texts, encoder.embed(texts)), strict=True))


def _tuned(
    head: Head, each: Round, labels: Sequence[LabelInfo], encoder: Encoder, folder: Path, plan: dict[str, Any],
    rounds: int,
) -> tuple[Head, dict[str, Any]]:  # fmt: skip
    """Return a head with an encoder tuned for it, and what is said about that; a round has its part of the time."""
    seconds = plan["fine_tune_seconds"] / rounds
    tuned, reader, said = tune(head, each.learn, labels, encoder, folder, seconds, target_precision=plan["precision"])
    return tuned.reading(reader), {"tuning": said}


def _then(material: dict[str, Any], test: Sequence[Example]) -> dict[str, Any]:
    """Measure what was said when the tickets came, on all and on those that a person decided."""
    if not material["predictions"]:
        return {"said_then": None, "said_then_by_people": None}
    answers = [
        (each.label, Said(label, confidence, "" if believed else "a person was asked"))
        for each, (label, confidence, believed) in zip(test, material["predictions"], strict=True)
    ]
    by_people = [each for each, person in zip(answers, material["by_people"], strict=True) if person]
    return {"said_then": _figures(answers), "said_then_by_people": _figures(by_people)}


def _figures(answers: Sequence[tuple[str, Said]]) -> dict[str, Any] | None:
    measured: Evaluation | None = measure(answers) if answers else None
    return measured.to_json() if measured else None


def _cost(learning: float, judging: float, judged: int) -> dict[str, Any]:
    # All of it happens on this machine, so there are no tokens to pay for.
    return {
        "learning_cpu_seconds": round(learning, 3),
        "judging_cpu_seconds": round(judging, 3),
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
    """Do the job of a folder."""
    folder, encoder = (Path(each) for each in sys.argv[1:3])
    lower_priority()
    with one_thread():
        run(folder, OnnxEncoder(encoder))


if __name__ == "__main__":
    main()
