"""What a head sees in a text, for people."""

from typing import Any

from model_kit.local import LocalEncoder

MOST_WORDS = 10


def reasons(head: Any, encoder: LocalEncoder, text: str) -> dict[str, Any]:
    """Return candidates, words, neighbours, threshold, doubt and what would have changed the answer."""
    [row] = encoder.embed([text])
    [judged] = head.classify([text], row[None, :])
    words = head.word_contributions(text, judged.label, MOST_WORDS) if head.trained else []
    return {
        "model": head.version,
        "candidates": [{"label": each.label, "probability": round(each.probability, 4)} for each in judged.candidates],
        "words": [{"word": word, "weight": round(weight, 4)} for word, weight in words],
        "neighbours": [
            {"ticket_id": each.subject, "label": each.label, "similarity": round(each.similarity, 4)}
            for each in (judged.neighbours if head.trained else ())
        ],
        "threshold": None if judged.threshold is None else round(judged.threshold, 4),
        "doubt": judged.abstention_reason,
        "would_change": _would_change(judged),
    }


def _would_change(judged: Any) -> str:
    best, others = judged.candidates[0], judged.candidates[1:]
    if judged.abstention_reason and judged.threshold is not None and best.probability < judged.threshold:
        return f"{best.label} would have been believed from {judged.threshold:.0%} on; it has {best.probability:.0%}"
    if judged.abstention_reason:
        return f"more tickets like it that people put into {best.label}"
    if not others:
        return "nothing: there is one label only"
    return f"{others[0].label} comes next with {others[0].probability:.0%}, {best.label} has {best.probability:.0%}"
