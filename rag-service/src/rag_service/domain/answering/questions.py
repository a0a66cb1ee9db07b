"""Splits a message into its questions."""

import re

from rag_service.domain.answering.sentences import split
from rag_service.domain.answering.smalltalk import small_talk_kind

MAX_QUESTIONS = 5
MIN_WORDS = 3
"""Shorter pieces are no questions of their own, for example "who and when"."""

_ASKS = (
    r"(?:how|what|what's|when|where|who|whom|whose|why|which|can|could|do|does|did|is|are|was|were|should|will"
    r"|would|may"
    r"|wie|was|wann|wo|wer|warum|wieso|weshalb|welche[rsmn]?|kann|können|gibt|muss|darf"
    r"|comment|quand|où|qui|pourquoi|quel(?:le)?s?|combien|cómo|cuándo|dónde|quién|qué|cuál|cuánto)"
)
_JOINT = re.compile(
    rf"(?i)(?:\s*[,;]\s*|\s+)(?:and also|and then|and|also|or else|plus|und auch|und|sowie|et aussi|et|y también|y)\s+"
    rf"(?={_ASKS}\b)|\s*;\s*(?={_ASKS}\b)"
)
_QUESTION = re.compile(rf"(?i)^[\s¿\"'(]*(?:(?:hi|hello|hey|hallo|please|also|and|so|then)[ ,]+)?{_ASKS}\b")


def questions(message: str) -> list[str]:
    """Return the questions of a message in their order, at most five; a message without any is one itself.

    A statement before a question ("My VPN is down.") stays in front of it, because it gives the context. Questions
    beyond the fifth stay with the fifth.
    """
    whole = " ".join(message.split())
    pieces = [each.shown for each in split(message) if not small_talk_kind(each.shown)]
    asked: list[str] = []
    statements: list[str] = []
    for sentence in pieces:
        if not is_question(sentence):
            statements.append(sentence)
            continue
        first, *more = _apart(sentence)
        asked += [" ".join([*statements, first]), *more]
        statements = []
    if not asked:
        return [" ".join(pieces) or whole]
    if statements:
        # Statements behind the last question belong to it.
        asked[-1] = " ".join([asked[-1], *statements])
    return [*asked[: MAX_QUESTIONS - 1], " ".join(asked[MAX_QUESTIONS - 1 :])] if len(asked) > MAX_QUESTIONS else asked


def is_question(sentence: str) -> bool:
    """Return whether a sentence is a question."""
    return sentence.rstrip("\"')»” ").endswith(("?", "？")) or _QUESTION.match(sentence) is not None


def _apart(sentence: str) -> list[str]:
    parts: list[str] = []
    for part in _JOINT.split(sentence):
        # "who and when can reset it": the first part is no question of its own.
        if parts and len(parts[-1].split()) < MIN_WORDS:
            parts[-1] = f"{parts[-1]} and {part}"
        else:
            parts.append(part)
    if len(parts) > 1 and len(parts[-1].split()) < MIN_WORDS:
        return [sentence]
    marked = "?" if sentence.rstrip().endswith("?") else ""
    return [part if part.endswith(("?", "？")) else part.rstrip(" ,;") + marked for part in parts]
