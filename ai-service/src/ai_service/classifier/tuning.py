"""A fourth expert: an encoder of the company's own, tuned on what its people decided.

It is tuned once, on nine tenths of what may be learnt from. How much it counts beside the other three, and from when on
all four are believed, is found on the tenth, drawn at random, that neither it nor the other three saw there; these
three are then those that learnt from everything. So the head judges without it, too, where it isn't loaded.
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

from ai_service.classifier.evaluation import Evaluation, evaluate, verdict
from ai_service.classifier.examples import Example, LabelInfo, Split
from ai_service.classifier.experts import Linear, Places
from ai_service.classifier.head import Head, TunedExpert, nearest
from ai_service.classifier.near_duplicates import Groups, groups
from ai_service.classifier.training import Material
from ai_service.classifier.weighing import FEWEST_TO_CALIBRATE, weigh

EPOCHS = 4
CALIBRATING_SHARE = 0.1
EXPORT_SECONDS = 300.0
"""For loading, exporting and whatever else isn't learning."""
DIGITS = 8
TUNED = "tuned"
"""The folder of the encoder, below the job's."""
MODULE = "ai_service.classifier.tuning_job"
LONGEST_ERROR = 500


class CantTune(Exception):
    """There is no tuned encoder; the text says why."""


@dataclass(frozen=True)
class Outcome:
    """The head that is to be used, what is said about tuning it, and its figures with its encoder, if it names one."""

    head: Head
    report: dict[str, Any]
    figures: Evaluation


def tuned_if_better(
    made: Outcome,
    parts: Split,
    labels: Sequence[LabelInfo],
    encoder: Encoder,
    folder: Path,
    seconds: float,
    *,
    target_precision: float,
    weights: Path | None = None,
) -> Outcome:
    """Tune an encoder for a head that was made of `parts`; it is used if more of what was held out is found (macro-F1).

    Whatever goes wrong, the head stays as it was, and the report says why. `seconds` bounds the learning; `weights` is
    the folder of another model than the packaged one.
    """
    head = made.head
    try:
        tuned, reader, said = tune(
            head, parts.learn, labels, encoder, folder, seconds, target_precision=target_precision, weights=weights
        )
        figures = evaluate(tuned.reading(reader), parts.held_out, encoder)
    except CantTune as reason:
        return replace(made, report={"state": "skipped", "reason": str(reason)})
    except Exception as error:
        # Of whatever torch or onnxruntime raise, none may cost the training its head.
        return replace(made, report={"state": "skipped", "reason": f"it failed with {type(error).__name__}"})
    report = said | {"without": _short(made.figures), "with": _short(figures)}
    reasons = _against(tuned, figures, made.figures)
    if reasons:
        return replace(made, report={"state": "dropped", "reason": "; ".join(reasons), **report})
    return Outcome(tuned, {"state": "used", **report}, figures)


def _against(tuned: Head, figures: Evaluation, without: Evaluation) -> list[str]:
    """Return what speaks against a tuned head; nothing where it is the better one."""
    reasons = list(verdict(figures, None).reasons)
    if figures.macro_f1 <= without.macro_f1:
        reasons.append("it finds no more than the head without it")
    if tuned.tuned is not None and not tuned.tuned.others.promises:
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
    """Return a head that names an encoder tuned for it, that encoder, which stands in `folder`, and what to report.

    `learn` and `labels` are what the head learnt from. Raises CantTune.
    """
    begun = time.monotonic()
    material = Material.of(learn, labels, head.labels, encoder, head.vocabulary)
    calibrating, learnt = _divided(groups(material.embeddings[: len(learn)]), seed)
    if len(calibrating) < FEWEST_TO_CALIBRATE:
        raise CantTune("too few different tickets to calibrate on")
    experts = material.learn(learnt, seed)
    chosen = [*learnt, *range(len(learn), len(material.texts))]
    job = {
        "texts": [material.texts[place] for place in chosen],
        "places": [int(material.places[place]) for place in chosen],
        "epochs": EPOCHS,
        "seconds": seconds,
        "seed": seed,
    }
    layer, said = _in_a_process(folder, job, experts.meaning, weights)
    reader = OnnxEncoder(folder / TUNED)
    judged = reader.embed([material.texts[place] for place in calibrating])
    embeddings = material.embeddings[calibrating]
    cosines = experts.memory.cosines(embeddings)
    by_expert = np.concatenate(
        [experts.scores(material.rows[calibrating], embeddings, cosines), layer.scores(judged)[None]]
    )
    nearness = nearest(cosines[:, experts.memory.told :]).mean
    others, scope = weigh(by_expert, material.places[calibrating], nearness, target_precision)
    digest = reader.manifest.files[MODEL]
    found = replace(
        head,
        version=f"{head.version}-t{digest[:DIGITS]}",
        tuned=TunedExpert(digest, layer, others, scope),
    )
    said |= {"learnt_from": len(learnt), "calibrated_on": len(calibrating), "encoder": digest[:12]}
    return found, reader, said | {"seconds": round(time.monotonic() - begun, 1)}


def _divided(group: Groups, seed: int) -> tuple[Places, Places]:
    """Return the places of a tenth to calibrate on and of the rest; near duplicates stay together."""
    sizes = np.bincount(group)
    room, chosen = round(len(group) * CALIBRATING_SHARE), []
    for each in np.random.default_rng(seed).permutation(len(sizes)):
        # A group that doesn't fit into the tenth any more is learnt from.
        if sizes[each] <= room:
            chosen.append(each)
            room -= int(sizes[each])
    calibrating = np.isin(group, chosen)
    return np.flatnonzero(calibrating), np.flatnonzero(~calibrating)


def _in_a_process(
    folder: Path, job: dict[str, Any], begin: Linear, weights: Path | None
) -> tuple[Linear, dict[str, Any]]:
    if lacking := missing():
        raise CantTune(f"{', '.join(lacking)} not installed; model-kit's extra `train` has it")
    (folder / "tuning.json").write_text(json.dumps(job), encoding="utf-8")
    np.savez(folder / "layer.npz", weights=begin.weights, bias=begin.bias)
    command = [sys.executable, "-m", MODULE, str(folder), *([str(weights)] if weights else [])]
    # Its lines go where this process's go: they are its steps.
    try:
        ended = subprocess.run(  # noqa: S603 - our own program
            command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace", check=False,
            timeout=job["seconds"] + EXPORT_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise CantTune(f"it did not end within {job['seconds'] + EXPORT_SECONDS:.0f} s") from None
    if ended.returncode:
        # The last line names the error; what stands above may quote a ticket.
        lines = ended.stderr.strip().splitlines()
        said = lines[-1] if lines else "it said nothing"
        raise CantTune(f"the process ended with {ended.returncode}: {said}"[:LONGEST_ERROR])
    with np.load(folder / "tuned.npz", allow_pickle=False) as layer:
        found = Linear(layer["weights"], layer["bias"])
    return found, json.loads((folder / "tuned.json").read_text(encoding="utf-8"))


def _short(figures: Evaluation) -> dict[str, float]:
    names = ("accuracy", "macro_f1", "calibration_error", "believed", "precision")
    return {name: getattr(figures, name) for name in names}
