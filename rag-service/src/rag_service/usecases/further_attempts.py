"""Further attempts at a question that nothing has answered so far: further passages, other languages, code by code."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from rag_service.domain.answering.answer_kind import (
    CHECKED_KINDS,
    asked_kind,
    asks_money,
    asks_percent,
    holds,
    holds_money,
    holds_percent,
)
from rag_service.domain.answering.extraction import Extracted, extract
from rag_service.domain.answering.message.several_codes import one_by_one
from rag_service.domain.answering.units.assessed_passage import AssessedPassage
from rag_service.domain.languages import ENGLISH, language_of
from rag_service.domain.passage import Passage
from rag_service.usecases.attempts import joined, joined_answers
from rag_service.usecases.readers import Reader, Readers
from rag_service.usecases.translated import SHARE, Attempt

Assess = Callable[[Sequence[Passage], Reader], list[AssessedPassage]]
Found = Callable[[], tuple[Sequence[Passage], Reader] | None]
"""Returns the passages in other languages and their reader; None without any."""
MIN_OF_FURTHER = 0.6
"""The probability from which a unit answers that stands below the least score, where no answer encoder reads it."""
_ASKS_MAIL_ADDRESS = re.compile(r"(?i)\be-?mail (?:address|id)\b")


def further_reader(reader: Reader, readers: Readers) -> tuple[Reader, float]:
    """Return who reads passages again, also those below the least score, and the probability from which one answers."""
    if reader is readers.english and readers.scoring:
        return readers.scoring, readers.scoring.model.least
    return reader, MIN_OF_FURTHER


def of_asked_kind(question: str, extracted: Extracted) -> Extracted:
    """Return an answer of further passages; none if it lacks the kind of value that is asked for."""
    text, kind = "\n".join(each.text for each in extracted.cited), asked_kind(question)
    lacks = (
        (kind in CHECKED_KINDS and not holds(kind, text))
        or (asks_percent(question) and not holds_percent(text))
        or (asks_money(question) and not holds_money(text, row=False))
        or (_ASKS_MAIL_ADDRESS.search(question) and "@" not in text)
    )
    return Extracted() if extracted.cited and lacks else extracted


def from_other_languages(question: str, found: Found, assess: Assess, least: float | None) -> Attempt | None:
    """Return the answer of texts in other languages to an English question, or None.

    `assess` takes passages and their reader. `least`: the probability from which a unit is quoted. The confidence is
    lower than that of an answer in the question's own language: no word of the question confirms it.
    """
    if language_of(question) not in (None, ENGLISH) or (there := found()) is None:
        return None
    passages, reader = there
    assessed = assess(passages, reader)
    extracted = extract(question, assessed, reader.model, least, date.today())
    if not extracted.cited:
        return None
    return assessed, replace(extracted, confidence=round(extracted.confidence * SHARE, 4))


def code_by_code(question: str, answered: Callable[[str], Attempt]) -> Attempt | None:
    """Return the answers to a question about several codes, which stand in a row each; None if it names no list.

    A note names the codes that nothing was found about.
    """
    tried = [(code, *answered(each)) for code, each in one_by_one(question)]
    if not any(extracted.cited for *_, extracted in tried):
        return None
    missing = [code for code, _, extracted in tried if not extracted.cited]
    notes = [note for *_, extracted in tried for note in extracted.notes]
    if missing:
        notes.append(f"Nothing was found about {', '.join(missing)}.")
    whole: Extracted = joined_answers(extracted for *_, extracted in tried)
    return joined(passages for _, passages, _ in tried), replace(whole, notes=tuple(dict.fromkeys(notes)))
