"""Explains a head's classification of a text."""

from typing import Any

from model_kit.local import LocalEncoder

MAX_WORDS = 10


def explain(head: Any, encoder: LocalEncoder, text: str) -> dict[str, Any]:
    """Return candidates, words, neighbours, threshold, abstain reason and counterfactual as JSON values."""
    [row] = encoder.embed([text])
    [judged] = head.classify([text], row[None, :])
    words = head.word_contributions(text, judged.label, MAX_WORDS) if head.trained else []
    return {
        "model": head.version,
        "candidates": [{"label": each.label, "probability": round(each.probability, 4)} for each in judged.candidates],
        "words": [{"word": word, "weight": round(weight, 4)} for word, weight in words],
        "neighbours": [
            {"ticket_id": each.subject, "label": each.label, "similarity": round(each.similarity, 4)}
            for each in (judged.neighbours if head.trained else ())
        ],
        "threshold": None if judged.threshold is None else round(judged.threshold, 4),
        "abstain_reason": judged.abstention_reason,
        "counterfactual": _counterfactual(judged),
    }


def _counterfactual(judged: Any) -> str:
    best, others = judged.candidates[0], judged.candidates[1:]
    if judged.abstention_reason and judged.threshold is not None and best.probability < judged.threshold:
        return f"{best.label} would be accepted from {judged.threshold:.0%} on; it has {best.probability:.0%}"
    if judged.abstention_reason:
        return f"more tickets like it that people route to {best.label}"
    if not others:
        return "nothing: there is one label only"
    return f"{others[0].label} comes next with {others[0].probability:.0%}, {best.label} has {best.probability:.0%}"
