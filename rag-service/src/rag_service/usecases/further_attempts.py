"""Further attempts at a question that nothing has answered so far: in texts of other languages, and code by code."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from rag_service.domain.answering.extraction import Extracted, extract
from rag_service.domain.answering.message.several_codes import one_by_one
from rag_service.domain.answering.units.assessed_passage import AssessedPassage
from rag_service.domain.languages import ENGLISH, language_of
from rag_service.domain.passage import Passage
from rag_service.usecases.attempts import joined, joined_answers
from rag_service.usecases.readers import Reader
from rag_service.usecases.translated import SHARE, Attempt

Assess = Callable[[Sequence[Passage], Reader], list[AssessedPassage]]
Found = Callable[[], tuple[Sequence[Passage], Reader] | None]
"""Returns the passages in other languages and their reader; None without any."""


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
