"""Runs one training: `python -m ai_service.adapters.local.classifier.training_job FOLDER ENCODER`.

It has a process of its own. Reads `job.json` from the folder and, if a head serves, `serving.bin`, its tuned encoder
`serving/` and the head for teams `serving_teams.bin`. Writes `report.json` and, if a head was trained, `head.bin`, its
tuned encoder `tuned/`, the head for teams `teams.bin`, and `held_out.json`: for each ticket used for the first time
whether it is held out. Its output reports the progress, a line per step.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from model_kit.encoder import Encoder, OnnxEncoder
from model_kit.model_store import MODEL, NotReady

from ai_service.adapters.child_process import end_with_parent, one_thread, report_step
from ai_service.adapters.local.classifier.caching_encoder import CachingEncoder
from ai_service.adapters.local.classifier.evaluation import evaluate
from ai_service.adapters.local.classifier.everyday import compare
from ai_service.adapters.local.classifier.examples import (
    MIN_HELD_OUT,
    Example,
    LabelInfo,
    Split,
    new_hold_out_decisions,
    split,
    unique,
)
from ai_service.adapters.local.classifier.head import Head
from ai_service.adapters.local.classifier.held_out import (
    HeldOut,
    HeldOutFigures,
    compare_heads,
    figures_as_json,
    reason_not_to_serve,
    restricted_to_measured,
)
from ai_service.adapters.local.classifier.storage import BadHead, pack, unpack
from ai_service.adapters.local.classifier.teams import train_team_head
from ai_service.adapters.local.classifier.training import TrainingFailed, train
from ai_service.adapters.local.classifier.tuning import TUNED, TuningResult, tune_if_better
from ai_service.domain.everyday import Comparison
from ai_service.domain.training import FineTuning


def run(folder: Path, encoder: Encoder) -> dict[str, Any]:
    """Run the training that the folder's `job.json` describes; return the report and write it to the folder."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    labels = [LabelInfo(**each) for each in job["labels"]]
    raw_examples = [Example(**{**each, "at": datetime.fromisoformat(each["at"])}) for each in job["examples"]]
    examples = unique(raw_examples, [each.name for each in labels])
    parts = split(examples)
    encoder = CachingEncoder(encoder)
    serving = _serving(folder, encoder)
    report: dict[str, Any] = {"examples": len(examples), "held_out": len(parts.held_out)}
    try:
        head = train(parts.learn, labels, encoder, target_precision=job["target_precision"], progress=report_step)
    except TrainingFailed as reason:
        no_teams = {"state": "skipped", "reason": "there is no model that a head for teams could belong to"}
        report |= {"state": "kept", "reasons": [str(reason)], "teams": no_teams}
        report["everyday"] = _everyday(serving, None, labels, encoder, job).to_json()
    else:
        new, held_out = head, HeldOut.of(parts, encoder)
        if obstacle := reason_not_to_serve(head, parts, held_out):
            report |= {"state": "kept", "reasons": [obstacle]}
        else:
            report_step("measuring")
            head = restricted_to_measured(head, held_out)
            made = _fine_tuned(head, held_out, parts, labels, encoder, folder, job)
            head = made.head
            new = _with_its_encoder(head, folder / TUNED)
            report |= {**_judged(new, serving, held_out, encoder), "tuning": made.report}
        report_step("reading everyday tickets")
        everyday = _everyday(serving, new, labels, encoder, job)
        report["everyday"] = everyday.to_json()
        if everyday.regressions:
            report |= {"state": "kept", "reasons": [*report["reasons"], *everyday.regressions]}
        (folder / "head.bin").write_bytes(pack(head))
        (folder / "held_out.json").write_text(
            json.dumps(new_hold_out_decisions(raw_examples, examples, parts)), encoding="utf-8"
        )
        report |= {"version": head.version, "encoder": head.encoder, "threshold": vars(new.general.threshold)}
        report["teams"] = _teams(folder, job, parts, encoder)
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    return report


def _fine_tuned(
    head: Head, held_out: HeldOut, parts: Split, labels: Sequence[LabelInfo], encoder: Encoder, folder: Path,
    job: Mapping[str, Any],
) -> TuningResult:  # fmt: skip
    """Return the head, fine-tuned if that is due and improves it, with the report on that."""
    how = FineTuning(**job["fine_tune"])
    measured = Split(parts.learn, held_out.apart or parts.held_out)
    made = TuningResult(
        head, {"state": "skipped", "reason": how.skip_reason}, evaluate(head, measured.held_out, encoder)
    )
    if not how.is_due(len(job["examples"])):
        return made
    if len(held_out.apart) < MIN_HELD_OUT:
        return replace(made, report={"state": "skipped", "reason": "too few different tickets were held out"})
    precision = job["target_precision"]
    return tune_if_better(made, measured, labels, encoder, folder, how.seconds, target_precision=precision)


def _judged(head: Head, serving: Head | None, held_out: HeldOut, encoder: Encoder) -> Mapping[str, Any]:
    now = HeldOutFigures.of(head, held_out, encoder)
    before = HeldOutFigures.of(serving, held_out, encoder) if serving is not None else None
    decision = compare_heads(now, before)
    return {
        "state": "promoted" if decision.ok else "kept",
        "reasons": list(decision.reasons),
        **figures_as_json(now, before, held_out),
    }


def _everyday(
    serving: Head | None, new: Head | None, labels: Sequence[LabelInfo], encoder: Encoder, job: Mapping[str, Any]
) -> Comparison:
    return compare(serving, new, labels, encoder, job.get("local_threshold"))


def _teams(folder: Path, job: Mapping[str, Any], parts: Split, encoder: Encoder) -> Mapping[str, Any]:
    outcome = train_team_head(
        parts,
        [LabelInfo(**each) for each in job["teams"]],
        _stored(folder / "serving_teams.bin", encoder),
        encoder,
        target_precision=job["target_precision"],
        progress=lambda step: report_step(f"teams: {step}"),
    )
    if outcome.head is not None:
        (folder / "teams.bin").write_bytes(pack(outcome.head))
    return outcome.report


def _serving(folder: Path, encoder: Encoder) -> Head | None:
    head = _stored(folder / "serving.bin", encoder)
    return None if head is None else _with_its_encoder(head, folder / "serving")


def _stored(file: Path, encoder: Encoder) -> Head | None:
    """Return the head of a file; None if there is none for this encoder."""
    with suppress(BadHead, FileNotFoundError):
        head = unpack(file.read_bytes())
        return head if head.encoder == encoder.name else None
    return None


def _with_its_encoder(head: Head, folder: Path) -> Head:
    """Return a head as it serves: with its tuned encoder if the folder holds that."""
    if head.tuned is None:
        return head
    with suppress(NotReady):
        reader = OnnxEncoder(folder)
        return head.with_encoder(reader) if reader.manifest.files[MODEL] == head.tuned.encoder else head
    return head


def main() -> None:
    """Run the job of the folder given on the command line."""
    folder, encoder = (Path(each) for each in sys.argv[1:3])
    end_with_parent()
    with one_thread():
        run(folder, OnnxEncoder(encoder))


if __name__ == "__main__":
    main()
