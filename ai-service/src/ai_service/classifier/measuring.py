"""What a head is measured on: tickets that were held out, near duplicates of learnt ones apart from the others."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from model_kit.encoder import Encoder

from ai_service.classifier.calibration import NEVER, Threshold
from ai_service.classifier.evaluation import Evaluation, Verdict, evaluate, verdict
from ai_service.classifier.examples import FEWEST_HELD_OUT, Example, Split
from ai_service.classifier.head import Head, Reliance
from ai_service.classifier.near_duplicates import groups, has_near_duplicate, one_of_each


@dataclass(frozen=True)
class HeldOut:
    """Tickets that were held out, each oldest first."""

    apart: tuple[Example, ...]
    """No near duplicates of what is learnt from, nor of each other: only these say how new texts are read."""
    repeated: tuple[Example, ...]
    """Near duplicates of what is learnt from."""

    @classmethod
    def of(cls, parts: Split, encoder: Encoder) -> "HeldOut":
        """Divide what was held out by what is learnt from."""
        if not parts.held_out:
            return cls((), ())
        vectors = encoder.embed([each.text for each in parts.held_out])
        repeated = has_near_duplicate(vectors, encoder.embed([each.text for each in parts.learn]))
        others = [each for each, again in zip(parts.held_out, repeated, strict=True) if not again]
        apart = [others[place] for place in one_of_each(groups(vectors[~repeated]))]
        again = tuple(each for each, again in zip(parts.held_out, repeated, strict=True) if again)
        return cls(tuple(apart), again)


@dataclass(frozen=True)
class Measured:
    """Figures on both kinds, None for a kind of which fewer than 20 were held out."""

    apart: Evaluation | None
    repeated: Evaluation | None

    @classmethod
    def of(cls, head: Head, held_out: HeldOut, encoder: Encoder) -> "Measured":
        """Measure a head."""
        return cls(
            *(
                evaluate(head, examples, encoder) if len(examples) >= FEWEST_HELD_OUT else None
                for examples in (held_out.apart, held_out.repeated)
            )
        )


NOT_MEASURED = Measured(None, None)


def relied_on_where_measured(head: Head, held_out: HeldOut) -> Head:
    """Return a head that is relied on only for the kinds of texts that it can be measured on."""
    if len(held_out.apart) < FEWEST_HELD_OUT:
        head = replace(head, others=_never(head.others))
    if head.duplicates is not None and len(held_out.repeated) < FEWEST_HELD_OUT and not head.others.promises:
        head = replace(head, duplicates=_never(head.duplicates))
    return head


def compared(new: Measured, serving: Measured | None, called: Mapping[str, str] | None = None) -> Verdict:
    """Say whether a new head may serve, given both heads' figures on the same tickets."""
    reasons: list[str] = []
    before = serving or NOT_MEASURED
    for figures, served in ((new.apart, before.apart), (new.repeated, before.repeated)):
        if figures is not None:
            reasons += verdict(figures, served, called).reasons
    return Verdict(not reasons, tuple(dict.fromkeys(reasons)))


def figures_of(new: Measured, serving: Measured | None, held_out: HeldOut) -> dict[str, Any]:
    """Return both heads' figures as JSON values: of tickets without near duplicates, and of near duplicates."""
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


def why_not(head: Head, parts: Split, held_out: HeldOut) -> str:
    """Return why a head can't serve whatever its figures are; nothing where it can. `head` is as it was trained."""
    if not head.promises:
        return "too few different tickets, or too contradictory ones, to promise any precision"
    if len(parts.held_out) < FEWEST_HELD_OUT:
        return "too few tickets to hold some out and measure on them"
    if not relied_on_where_measured(head, held_out).promises:
        return "too few different tickets were held out to measure on them"
    return ""


def _json(figures: Evaluation | None) -> dict[str, Any] | None:
    return figures.to_json() if figures is not None else None


def _never(reliance: Reliance) -> Reliance:
    return replace(reliance, threshold=Threshold(NEVER, 0.0, 0.0))
