"""Trains the head for teams, on those of the departments' training tickets for which people chose a team."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from model_kit.encoder import Encoder

from ai_service.adapters.local.classifier.ensemble_calibration import MIN_TEXTS_TO_CALIBRATE
from ai_service.adapters.local.classifier.examples import Example, LabelInfo, Split
from ai_service.adapters.local.classifier.head import Head
from ai_service.adapters.local.classifier.held_out import (
    HeldOut,
    HeldOutFigures,
    compare_heads,
    figures_as_json,
    reason_not_to_serve,
    restricted_to_measured,
)
from ai_service.adapters.local.classifier.training import train


@dataclass(frozen=True)
class TeamHeadResult:
    """The model's head for teams, if any, and the report."""

    head: Head | None
    report: dict[str, Any]


def train_team_head(
    parts: Split,
    teams: Sequence[LabelInfo],
    serving: Head | None,
    encoder: Encoder,
    *,
    target_precision: float,
    progress: Callable[[str], None],
) -> TeamHeadResult:
    """Train a head that predicts the team, and measure it on the tickets that are held out for departments, too.

    The report's state is `used`: the new head belongs to the model; `kept`: the new head guarantees too little, can't
    be measured or is worse, so the serving one, if any, belongs to the model; or `skipped`: there are too few examples.
    """
    ours = Split(_with_team(parts.learn), _with_team(parts.held_out))
    report: dict[str, Any] = {
        "examples": len(ours.learn),
        "held_out": len(ours.held_out),
        "evaluation": None,
        "serving": None,
        "near_duplicates": None,
        "threshold": None,
    }
    if reason := _too_little(ours.learn):
        return TeamHeadResult(None, {"state": "skipped", "reason": reason, **report})
    head = train(ours.learn, teams, encoder, target_precision=target_precision, progress=progress)
    report["threshold"] = vars(head.general.threshold)
    held_out = HeldOut.of(ours, encoder)
    if reason := reason_not_to_serve(head, ours, held_out):
        return TeamHeadResult(serving, {"state": "kept", "reason": reason, **report})
    progress("measuring")
    head = restricted_to_measured(head, held_out)
    now = HeldOutFigures.of(head, held_out, encoder)
    before = HeldOutFigures.of(serving, held_out, encoder) if serving is not None else None
    report |= figures_as_json(now, before, held_out)
    decision = compare_heads(now, before, {each.name: each.spoken for each in teams})
    if not decision.ok:
        return TeamHeadResult(serving, {"state": "kept", "reason": "; ".join(decision.reasons), **report})
    return TeamHeadResult(head, {"state": "used", "reason": "", **report})


def _with_team(examples: Sequence[Example]) -> tuple[Example, ...]:
    return tuple(replace(each, label=each.team) for each in examples if each.team is not None)


def _too_little(examples: Sequence[Example]) -> str:
    if len({each.label for each in examples}) < 2:
        return "people have given tickets to fewer than two teams so far"
    if len(examples) < MIN_TEXTS_TO_CALIBRATE:
        return f"people have given teams too few tickets so far: {len(examples)}, {MIN_TEXTS_TO_CALIBRATE} are needed"
    return ""
