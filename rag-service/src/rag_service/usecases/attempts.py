"""Joins what was found for several questions."""

from collections.abc import Iterable, Sequence
from itertools import chain
from uuid import UUID

from rag_service.domain.answering.extraction import Extracted
from rag_service.domain.answering.units.assessed_passage import AssessedPassage
from rag_service.domain.document import PassageKind


def are_rows(passages: Sequence[AssessedPassage], extracted: Extracted) -> bool:
    """Return whether an answer is several rows."""
    rows = {each.passage.chunk_id for each in passages if each.passage.kind is PassageKind.ROWS}
    return len(extracted.cited) > 1 and all(rows.issuperset(each.chunk_ids) for each in extracted.cited)


def joined(assessed: Iterable[Sequence[AssessedPassage]]) -> list[AssessedPassage]:
    """Return the passages of all questions, each once, as assessed for the question that it fits best."""
    best: dict[UUID, AssessedPassage] = {}
    for each in sorted(chain.from_iterable(assessed), key=lambda each: -each.probability):
        best.setdefault(each.passage.chunk_id, each)
    return list(best.values())


def joined_answers(found: Iterable[Extracted]) -> Extracted:
    """Return the sentences for all questions, each once; they are as certain as the least certain answer."""
    answered = [each for each in found if each.cited]
    cited = {each.text: each for each in chain.from_iterable(each.cited for each in answered)}
    return Extracted(tuple(cited.values()), min((each.confidence for each in answered), default=0.0))
