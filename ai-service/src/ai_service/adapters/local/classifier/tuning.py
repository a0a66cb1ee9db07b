"""A fourth member of the ensemble: an encoder fine-tuned on the decisions of a company's people.

The encoder is tuned once, on nine tenths of the training data. The weights and the threshold of all four members are
fitted on the remaining tenth, drawn at random, which neither the encoder nor the other three saw in that fit. The head
keeps the three members that were trained on everything, so it also classifies without the tuned encoder.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from model_kit.encoder import Encoder, OnnxEncoder
from model_kit.export import missing
from model_kit.model_store import MODEL

from ai_service.adapters.local.classifier.ensemble import LinearModel, Places
from ai_service.adapters.local.classifier.ensemble_calibration import MIN_TEXTS_TO_CALIBRATE, fit_weights
from ai_service.adapters.local.classifier.evaluation import Evaluation, check_promotion, evaluate
from ai_service.adapters.local.classifier.examples import Example, LabelInfo, Split
from ai_service.adapters.local.classifier.head import Head, TunedMember, nearest
from ai_service.adapters.local.classifier.near_duplicates import Groups, groups
from ai_service.adapters.local.classifier.training import Material

EPOCHS = 4
CALIBRATING_SHARE = 0.1
EXPORT_SECONDS = 300.0
"""For loading, exporting and all else that is not training."""
DIGITS = 8
TUNED = "tuned"
"""The encoder's folder, below the job's."""
MODULE = "ai_service.adapters.local.classifier.tuning_job"
MAX_ERROR_CHARACTERS = 500


class TuningFailed(Exception):
    """There is no tuned encoder; the text gives the reason."""


@dataclass(frozen=True)
class TuningResult:
    """The head to use, the report on its tuning, and its figures, with its tuned encoder if it has one."""

    head: Head
    report: dict[str, Any]
    figures: Evaluation


def tune_if_better(
    made: TuningResult,
    parts: Split,
    labels: Sequence[LabelInfo],
    encoder: Encoder,
    folder: Path,
    seconds: float,
    *,
    target_precision: float,
    weights: Path | None = None,
) -> TuningResult:
    """Tune an encoder for a head trained on `parts`; use it if the macro-F1 on the held-out examples is higher.

    If anything fails, the head stays as it was, and the report gives the reason. `seconds` bounds the training;
    `weights` is the folder of another model than the packaged one.
    """
    head = made.head
    try:
        tuned, reader, report = tune(
            head, parts.learn, labels, encoder, folder, seconds, target_precision=target_precision, weights=weights
        )
        figures = evaluate(tuned.with_encoder(reader), parts.held_out, encoder)
    except TuningFailed as reason:
        return replace(made, report={"state": "skipped", "reason": str(reason)})
    except Exception as error:
        # No error of torch or onnxruntime may cost the training its head.
        return replace(made, report={"state": "skipped", "reason": f"it failed with {type(error).__name__}"})
    report = report | {"without": _short(made.figures), "with": _short(figures)}
    reasons = _against(tuned, figures, made.figures)
    if reasons:
        return replace(made, report={"state": "dropped", "reason": "; ".join(reasons), **report})
    return TuningResult(tuned, {"state": "used", **report}, figures)


def _against(tuned: Head, figures: Evaluation, without: Evaluation) -> list[str]:
    """Return the reasons against a tuned head; none if it is better."""
    reasons = list(check_promotion(figures, None).reasons)
    if figures.macro_f1 <= without.macro_f1:
        reasons.append("it finds no more than the head without it")
    if tuned.tuned is not None and not tuned.tuned.general.can_accept:
        reasons.append("it can't promise any precision")
    return reasons


def tune(
    head: Head,
    learn: Sequence[Example],
    labels: Sequence[LabelInfo],
    encoder: Encoder,
    folder: Path,
    seconds: float,
    *,
    target_precision: float,
    weights: Path | None = None,
    seed: int = 0,
) -> tuple[Head, Encoder, dict[str, Any]]:
    """Return a head with a tuned member, the tuned encoder, which is stored in `folder`, and the report.

    `learn` and `labels` are the head's training data. Raises TuningFailed.
    """
    begun = time.monotonic()
    material = Material.of(learn, labels, head.labels, encoder, head.vocabulary)
    calibrating, trained_on = _divided(groups(material.embeddings[: len(learn)]), seed)
    if len(calibrating) < MIN_TEXTS_TO_CALIBRATE:
        raise TuningFailed("too few different tickets to calibrate on")
    ensemble = material.fit(trained_on, seed)
    chosen = [*trained_on, *range(len(learn), len(material.texts))]
    job = {
        "texts": [material.texts[place] for place in chosen],
        "places": [int(material.places[place]) for place in chosen],
        "epochs": EPOCHS,
        "seconds": seconds,
        "seed": seed,
    }
    layer, report = _in_a_process(folder, job, ensemble.meaning, weights)
    reader = OnnxEncoder(folder / TUNED)
    judged = reader.embed([material.texts[place] for place in calibrating])
    embeddings = material.embeddings[calibrating]
    cosines = ensemble.memory.cosines(embeddings)
    by_member = np.concatenate(
        [ensemble.scores(material.rows[calibrating], embeddings, cosines), layer.scores(judged)[None]]
    )
    nearness = nearest(cosines[:, ensemble.memory.label_texts :]).mean
    general, scope = fit_weights(by_member, material.places[calibrating], nearness, target_precision)
    digest = reader.manifest.files[MODEL]
    found = replace(
        head,
        version=f"{head.version}-t{digest[:DIGITS]}",
        tuned=TunedMember(digest, layer, general, scope),
    )
    report |= {"trained_on": len(trained_on), "calibrated_on": len(calibrating), "encoder": digest[:12]}
    return found, reader, report | {"seconds": round(time.monotonic() - begun, 1)}


def _divided(group: Groups, seed: int) -> tuple[Places, Places]:
    """Return the indices of a tenth to calibrate on and of the rest; near duplicates stay together."""
    sizes = np.bincount(group)
    remaining, chosen = round(len(group) * CALIBRATING_SHARE), []
    for each in np.random.default_rng(seed).permutation(len(sizes)):
        # A group that no longer fits into the tenth belongs to the training data.
        if sizes[each] <= remaining:
            chosen.append(each)
            remaining -= int(sizes[each])
    calibrating = np.isin(group, chosen)
    return np.flatnonzero(calibrating), np.flatnonzero(~calibrating)


def _in_a_process(
    folder: Path, job: dict[str, Any], begin: LinearModel, weights: Path | None
) -> tuple[LinearModel, dict[str, Any]]:
    if lacking := missing():
        raise TuningFailed(f"{', '.join(lacking)} not installed; model-kit's extra `train` has it")
    (folder / "tuning.json").write_text(json.dumps(job), encoding="utf-8")
    np.savez(folder / "layer.npz", weights=begin.weights, bias=begin.bias)
    command = [sys.executable, "-m", MODULE, str(folder), *([str(weights)] if weights else [])]
    # The process inherits stdout: its lines are this job's progress.
    try:
        ended = subprocess.run(  # noqa: S603 - our own program
            command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace", check=False,
            timeout=job["seconds"] + EXPORT_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise TuningFailed(f"it did not end within {job['seconds'] + EXPORT_SECONDS:.0f} s") from None
    if ended.returncode:
        # The last line names the error; the lines above it may quote a ticket.
        lines = ended.stderr.strip().splitlines()
        error = lines[-1] if lines else "no output"
        raise TuningFailed(f"the process ended with {ended.returncode}: {error}"[:MAX_ERROR_CHARACTERS])
    with np.load(folder / "tuned.npz", allow_pickle=False) as layer:
        found = LinearModel(layer["weights"], layer["bias"])
    return found, json.loads((folder / "tuned.json").read_text(encoding="utf-8"))


def _short(figures: Evaluation) -> dict[str, float]:
    names = ("accuracy", "macro_f1", "calibration_error", "accepted", "precision")
    values = figures.to_json()
    return {name: values[name] for name in names}
