"""Measures heads on held-out tickets: near duplicates of training examples separately from all others."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from model_kit.encoder import Encoder

from ai_service.adapters.local.classifier.calibration import NEVER, Threshold
from ai_service.adapters.local.classifier.evaluation import Evaluation, PromotionCheck, check_promotion, evaluate
from ai_service.adapters.local.classifier.examples import MIN_HELD_OUT, Example, Split
from ai_service.adapters.local.classifier.head import Head, WeightedThreshold
from ai_service.adapters.local.classifier.near_duplicates import groups, has_near_duplicate, last_of_each_group


@dataclass(frozen=True)
class HeldOut:
    """Held-out tickets, each tuple oldest first."""

    apart: tuple[Example, ...]
    """No near duplicates of training examples, nor of each other: only these show the quality on new texts."""
    repeated: tuple[Example, ...]
    """Near duplicates of training examples."""

    @classmethod
    def of(cls, parts: Split, encoder: Encoder) -> "HeldOut":
        """Divide the held-out examples by their likeness to the training examples."""
        if not parts.held_out:
            return cls((), ())
        vectors = encoder.embed([each.text for each in parts.held_out])
        repeated = has_near_duplicate(vectors, encoder.embed([each.text for each in parts.learn]))
        others = [each for each, again in zip(parts.held_out, repeated, strict=True) if not again]
        apart = [others[place] for place in last_of_each_group(groups(vectors[~repeated]))]
        again = tuple(each for each, again in zip(parts.held_out, repeated, strict=True) if again)
        return cls(tuple(apart), again)


@dataclass(frozen=True)
class HeldOutFigures:
    """LocalScores on both kinds; None for a kind with fewer than MIN_HELD_OUT examples."""

    apart: Evaluation | None
    repeated: Evaluation | None

    @classmethod
    def of(cls, head: Head, held_out: HeldOut, encoder: Encoder) -> "HeldOutFigures":
        """Measure a head on both kinds."""
        return cls(
            *(
                evaluate(head, examples, encoder) if len(examples) >= MIN_HELD_OUT else None
                for examples in (held_out.apart, held_out.repeated)
            )
        )


NOT_MEASURED = HeldOutFigures(None, None)


def restricted_to_measured(head: Head, held_out: HeldOut) -> Head:
    """Return the head so that it accepts labels only for the kinds of texts on which it can be measured."""
    if len(held_out.apart) < MIN_HELD_OUT:
        head = replace(head, general=_accepting_nothing(head.general))
    if head.duplicates is not None and len(held_out.repeated) < MIN_HELD_OUT and not head.general.can_accept:
        head = replace(head, duplicates=_accepting_nothing(head.duplicates))
    return head


def compare_heads(
    new: HeldOutFigures, serving: HeldOutFigures | None, called: Mapping[str, str] | None = None
) -> PromotionCheck:
    """Decide whether a new head may serve, given both heads' figures on the same tickets."""
    reasons: list[str] = []
    before = serving or NOT_MEASURED
    for figures, served in ((new.apart, before.apart), (new.repeated, before.repeated)):
        if figures is not None:
            reasons += check_promotion(figures, served, called).reasons
    return PromotionCheck(not reasons, tuple(dict.fromkeys(reasons)))


def figures_as_json(new: HeldOutFigures, serving: HeldOutFigures | None, held_out: HeldOut) -> dict[str, Any]:
    """Return both heads' figures as JSON values: on distinct tickets, and on near duplicates."""
    before = serving or NOT_MEASURED
    return {
        "evaluation": _json(new.apart),
        "serving": _json(before.apart),
        "near_duplicates": {
            "held_out": len(held_out.repeated),
            "evaluation": _json(new.repeated),
            "serving": _json(before.repeated),
        },
    }


def reason_not_to_serve(head: Head, parts: Split, held_out: HeldOut) -> str:
    """Return the reason why a head, as trained, can't serve whatever its figures are; empty if it can."""
    if not head.can_accept:
        return "too few different tickets, or too contradictory ones, to promise any precision"
    if len(parts.held_out) < MIN_HELD_OUT:
        return "too few tickets to hold some out and measure on them"
    if not restricted_to_measured(head, held_out).can_accept:
        return "too few different tickets were held out to measure on them"
    return ""


def _json(figures: Evaluation | None) -> dict[str, Any] | None:
    return figures.to_json() if figures is not None else None


def _accepting_nothing(reliance: WeightedThreshold) -> WeightedThreshold:
    return replace(reliance, threshold=Threshold(NEVER, 0.0, 0.0))
